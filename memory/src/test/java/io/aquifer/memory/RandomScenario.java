package io.aquifer.memory;

import io.aquifer.memory.ScheduledOp.Align;
import io.aquifer.memory.ScheduledOp.Honesty;
import io.aquifer.memory.ScheduledOp.Kind;
import io.aquifer.memory.ScheduledOp.Resize;
import io.aquifer.memory.ScheduledOp.Try;
import io.aquifer.memory.ScheduledScenario.TaskPlan;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Makes larger scenarios from a seed: up to three jobs and ten tasks, with channels, barriers,
/// guarantees, priorities, liars, kills and a budget that moves.
///
/// Channels form chains, and a task with two inputs aligns them first and then empties one after
/// the other, so that without memory no schedule could get stuck.
final class RandomScenario {
    private final SplittableRandom random;
    private final List<Integer> channels = new ArrayList<>();
    private final List<TaskPlan> tasks = new ArrayList<>();
    private final int managed;
    private final int network;
    private final int networkMin;
    private final int reserve;
    private int guaranteedLeft;

    private RandomScenario(SplittableRandom random) {
        this.random = random;
        this.managed = 2 + random.nextInt(10);
        this.network = 1 + random.nextInt(8);
        this.networkMin = 1 + random.nextInt(network);
        this.reserve = random.nextInt(3) > 0 ? 0 : random.nextInt(6);
        this.guaranteedLeft = random.nextBoolean() ? 0 : managed / 2;
    }

    static ScheduledScenario of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new RandomScenario(random).make("seed " + seed);
    }

    private ScheduledScenario make(String name) {
        int jobs = 1 + random.nextInt(3);
        for (int job = 0; job < jobs; job++) {
            switch (random.nextInt(3)) {
                case 0 -> addLoners(job);
                case 1 -> addChain(job);
                default -> addJoin(job);
            }
        }
        if (random.nextInt(8) == 0) {
            tasks.add(ScheduledScenario.task("operator", jobs, resizes()));
        }
        return new ScheduledScenario(
                name,
                managed,
                network,
                networkMin,
                reserve,
                List.copyOf(channels),
                random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0,
                random.nextInt(4) == 0 ? random.nextInt(network) : 0,
                random.nextBoolean(),
                List.copyOf(tasks));
    }

    private ScheduledOp[] resizes() {
        int least = networkMin + 1;
        int most = managed + network + reserve;
        ScheduledOp[] program = new ScheduledOp[1 + random.nextInt(4)];
        for (int i = 0; i < program.length; i++) {
            program[i] = new Resize(least + random.nextInt(most - least + 1));
        }
        return program;
    }

    private void addLoners(int job) {
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            add(job, own(2 + random.nextInt(6)));
        }
    }

    private void addChain(int job) {
        int length = 2 + random.nextInt(2);
        int items = 1 + random.nextInt(5);
        int first = channels.size();
        for (int i = 0; i < length; i++) {
            List<ScheduledOp> program = own(random.nextInt(5));
            if (i > 0) {
                scatter(program, ScheduledOp.receive(first + i - 1), items);
            }
            if (i < length - 1) {
                scatter(program, ScheduledOp.send(first + i), items);
                channels.add(1 + random.nextInt(3));
            }
            add(job, program);
        }
    }

    /// Two sources that send a barrier somewhere, and a sink that aligns them.
    private void addJoin(int job) {
        int first = channels.size();
        int[] after = new int[2];
        for (int side = 0; side < 2; side++) {
            channels.add(1 + random.nextInt(3));
            List<ScheduledOp> program = own(random.nextInt(4));
            int before = random.nextInt(3);
            after[side] = random.nextInt(3);
            List<ScheduledOp> sends = new ArrayList<>();
            for (int i = 0; i < before; i++) {
                sends.add(ScheduledOp.send(first + side));
            }
            sends.add(ScheduledOp.sendBarrier(first + side));
            for (int i = 0; i < after[side]; i++) {
                sends.add(ScheduledOp.send(first + side));
            }
            int at = 0;
            for (ScheduledOp send : sends) {
                at += random.nextInt(program.size() + 1 - at);
                program.add(at++, send);
            }
            add(job, program);
        }
        List<ScheduledOp> sink = own(1 + random.nextInt(3));
        sink.add(random.nextInt(sink.size() + 1), new Align(first, first + 1));
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < after[side]; i++) {
                sink.add(ScheduledOp.receive(first + side));
            }
        }
        add(job, sink);
    }

    private void scatter(List<ScheduledOp> program, ScheduledOp op, int times) {
        for (int i = 0; i < times; i++) {
            program.add(random.nextInt(program.size() + 1), op);
        }
    }

    private List<ScheduledOp> own(int length) {
        List<ScheduledOp> program = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            program.add(
                    switch (random.nextInt(10)) {
                        case 0, 1, 2 -> ScheduledOp.need(1 + random.nextInt(4));
                        case 3 -> ScheduledOp.offer(1 + random.nextInt(4));
                        case 4, 5 -> ScheduledOp.free(1 + random.nextInt(4));
                        case 6 -> ScheduledOp.work(1 + random.nextInt(4));
                        case 7 -> new Try(random.nextBoolean() ? Kind.MANAGED : Kind.NETWORK);
                        case 8 -> ScheduledOp.needNetwork(1 + random.nextInt(2));
                        default -> ScheduledOp.freeNetwork(1 + random.nextInt(2));
                    });
        }
        return program;
    }

    private void add(int job, List<ScheduledOp> program) {
        int guaranteed =
                guaranteedLeft > 0 && random.nextBoolean() ? 1 + random.nextInt(guaranteedLeft) : 0;
        guaranteedLeft -= guaranteed;
        Honesty honesty =
                random.nextInt(3) > 0
                        ? Honesty.EXACT
                        : Honesty.values()[random.nextInt(Honesty.values().length)];
        tasks.add(
                new TaskPlan(
                        "task " + tasks.size(),
                        job,
                        random.nextInt(3) == 0 ? random.nextInt(3) - 1 : 0,
                        guaranteed,
                        random.nextInt(4) == 0,
                        Rung.values()[random.nextInt(Rung.values().length)],
                        honesty,
                        List.copyOf(program)));
    }
}
