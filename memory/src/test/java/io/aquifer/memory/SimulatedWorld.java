package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The real ledger and arbiter under a schedule: model tasks, bounded channels and a clock that
/// moves only when the schedule says so.
///
/// A [Chooser] picks each step among those that are enabled: a task goes on, time passes by what an
/// owner has to answer (only while somebody waits for memory), or somebody kills a task. After each
/// step all invariants are checked ([SimulatedOracle]).
///
/// **Threads.** One; the threads of tasks are mere names.
final class SimulatedWorld {
    static final long ANSWER_NANOS = 1_000_000;
    private static final int STEPS_MAX = 20_000;
    private static final Thread[] THREADS = new Thread[16];

    static {
        Arrays.setAll(
                THREADS, i -> Thread.ofPlatform().name("task thread " + i).unstarted(() -> {}));
    }

    final SimulatedScenario scenario;
    final Ledger ledger;
    final List<SimulatedTask> tasks = new ArrayList<>();
    final List<SimulatedTask> reclaiming = new ArrayList<>();
    final List<Long> sharedIdle = new ArrayList<>();
    final PageLease exchange;
    private final Chooser chooser;
    private final MemoryScope exchangeScope;
    private final List<SimulatedChannel> channels = new ArrayList<>();
    private final SimulatedOracle oracle;
    private final @Nullable List<String> trace;
    private long now;
    private int killsLeft;
    private int steps;
    private long inFlight;
    boolean slow;

    /// @param waitTicks how long a request may wait, in units of what an owner has to answer
    /// @param trace where to write what happens, or null
    SimulatedWorld(
            SimulatedScenario scenario,
            int waitTicks,
            Chooser chooser,
            @Nullable List<String> trace) {
        this.scenario = scenario;
        this.chooser = chooser;
        this.trace = trace;
        this.killsLeft = scenario.kills();
        MemoryOptions options =
                MemoryOptions.DEFAULTS
                        .withoutPurging()
                        .withClock(() -> now)
                        .withWaits(waitTicks * ANSWER_NANOS, ANSWER_NANOS);
        MemoryPlan plan =
                Plans.ofPages(
                        scenario.managed(),
                        0,
                        0,
                        scenario.network(),
                        scenario.networkMin(),
                        scenario.reserve());
        this.ledger = new Ledger(plan, new NumberedPages(scenario.pages()), options);
        this.oracle = new SimulatedOracle(this);
        ledger.arbiter().wakeBy(this::wake);
        ledger.run(() -> ledger.arbiter().lastRungs().addThrottle(on -> slow = on));
        this.exchangeScope = ledger.openScope(null, "exchange", 0);
        this.exchange = exchangeScope.leasePages(ledger.network, "in flight");
        for (int capacity : scenario.channels()) {
            channels.add(new SimulatedChannel(capacity));
        }
        for (int i = 0; i < scenario.sharedIdle(); i++) {
            sharedIdle.add(exchange.allocatePage());
        }
        if (scenario.sharedIdle() > 0) {
            ledger.arbiter().addShared(new Idle());
        }
        for (SimulatedScenario.TaskPlan task : scenario.tasks()) {
            tasks.add(new SimulatedTask(this, task, tasks.size(), THREADS[tasks.size()]));
        }
        oracle.check();
    }

    /// Idle pages of the exchange, for any thread to free.
    private final class Idle implements Reclaimer {
        @Override
        public Rung rung() {
            return Rung.IDLE_PAGES;
        }

        @Override
        public long reclaimableBytes() {
            return sharedIdle.size() * Plans.PAGE;
        }

        @Override
        public void reclaim(long bytes) {
            for (long left = bytes; left > 0 && !sharedIdle.isEmpty(); left -= Plans.PAGE) {
                exchange.releasePage(sharedIdle.removeLast());
            }
        }
    }

    /// Makes steps until all tasks have ended.
    void run() {
        while (step()) {
            if (++steps > STEPS_MAX) {
                throw new SimulationFailure("no end after " + steps + " steps");
            }
        }
        require(
                tasks.stream().allMatch(task -> task.phase == SimulatedTask.Phase.ENDED),
                "some step is possible while a task has not ended");
        sharedIdle.clear();
        exchange.close();
        exchangeScope.close();
        oracle.checkEnd();
        require(ledger.close().isEmpty(), "nothing is open at the end");
    }

    /// Makes one step.
    ///
    /// @return whether there was one
    boolean step() {
        List<SimulatedTask> enabled = enabled();
        boolean time = anyoneWaits();
        int kinds = enabled.size() + (time ? 1 : 0);
        List<SimulatedTask> victims = killsLeft > 0 ? killable() : List.of();
        int count = kinds + victims.size();
        if (count == 0) {
            return false;
        }
        int choice = count == 1 ? 0 : chooser.choose(count);
        if (choice < enabled.size()) {
            run(enabled.get(choice));
        } else if (choice < kinds) {
            passTime();
        } else {
            kill(victims.get(choice - kinds));
        }
        oracle.check();
        return true;
    }

    private List<SimulatedTask> enabled() {
        List<SimulatedTask> enabled = new ArrayList<>();
        for (SimulatedTask task : tasks) {
            if (task.isEnabled()) {
                enabled.add(task);
            }
        }
        return enabled;
    }

    private List<SimulatedTask> killable() {
        List<SimulatedTask> killable = new ArrayList<>();
        for (SimulatedTask task : tasks) {
            if (!task.scope.closed) {
                killable.add(task);
            }
        }
        return killable;
    }

    boolean anyoneWaits() {
        return !ledger.managed.waiting.isEmpty() || !ledger.network.waiting.isEmpty();
    }

    private void run(SimulatedTask task) {
        note("step", task);
        task.step();
        note("    ->", task);
    }

    private void passTime() {
        now += ANSWER_NANOS;
        if (trace != null) {
            trace.add("time passes");
        }
        // The first thread whose wait has timed out looks at the clock for all.
        ledger.run(ledger.arbiter()::tick);
        if (!sharedIdle.isEmpty()) {
            tasks.forEach(
                    task ->
                            task.woken |=
                                    task.phase == SimulatedTask.Phase.WAITING_FOR_MEMORY);
        }
    }

    private void kill(SimulatedTask task) {
        note("kill", task);
        killsLeft--;
        ScopeEnds.End end = ledger.ends().begin(task.scope);
        ledger.ends().finish(end, Thread.currentThread());
        cancelJob(task.plan.job());
    }

    /// Another task may make a step now, in the middle of one's.
    ///
    /// @return whether one did
    boolean nestedStep() {
        List<SimulatedTask> enabled = enabled();
        int choice = enabled.isEmpty() ? 0 : chooser.choose(enabled.size() + 1);
        if (choice == 0) {
            return false;
        }
        run(enabled.get(choice - 1));
        oracle.check();
        return true;
    }

    private void wake(Thread thread) {
        for (SimulatedTask task : tasks) {
            if (task.thread == thread) {
                task.woken = true;
            }
        }
    }

    void cancelJob(int job) {
        for (SimulatedTask task : tasks) {
            if (task.plan.job() == job) {
                task.cancelled = true;
            }
        }
    }

    /// The last task of a job returns what is in its channels.
    void ended(SimulatedTask task) {
        if (tasks.stream()
                .anyMatch(
                        other ->
                                other.plan.job() == task.plan.job()
                                        && other.phase != SimulatedTask.Phase.ENDED)) {
            return;
        }
        for (SimulatedTask each : tasks) {
            if (each.plan.job() == task.plan.job()) {
                for (SimulatedOp op : each.plan.program()) {
                    if (op instanceof SimulatedOp.Send send) {
                        empty(channel(send.channel()));
                    }
                }
            }
        }
    }

    private void empty(SimulatedChannel channel) {
        channel.items.forEach(item -> exchange.releasePage(item.page()));
        channel.items.clear();
    }

    SimulatedChannel channel(int index) {
        return channels.get(index);
    }

    /// A page that was granted to the exchange and is put into a channel in the same step.
    void inFlight(long page) {
        inFlight = page;
    }

    long takeInFlight() {
        return inFlight;
    }

    int steps() {
        return steps;
    }

    /// How many requests were left waiting.
    int waits() {
        return tasks.stream().mapToInt(task -> task.waits).sum();
    }

    /// How many tasks failed or were made to end.
    int failures() {
        return (int) tasks.stream().filter(task -> task.failure != null).count();
    }

    List<SimulatedChannel> channels() {
        return channels;
    }

    long now() {
        return now;
    }

    void checkDenial(SimulatedTask task) {
        oracle.checkDenial(task);
    }

    void require(boolean holds, String what) {
        if (!holds) {
            throw new SimulationFailure("does not hold: " + what + "\n" + text());
        }
    }

    private void note(String what, SimulatedTask task) {
        if (trace != null) {
            trace.add(what + " " + task);
        }
    }

    /// Everything that decides what can happen next, in 64 bits.
    long fingerprint() {
        return new SimulatedFingerprint(this).value(killsLeft);
    }

    String text() {
        StringBuilder text = new StringBuilder("at ");
        text.append(now / ANSWER_NANOS).append(", ").append(ledger.statistics()).append('\n');
        tasks.forEach(task -> text.append("  ").append(task).append('\n'));
        return text.toString();
    }

    /// An invariant does not hold.
    static final class SimulationFailure extends AssertionError {
        private static final long serialVersionUID = 1L;

        SimulationFailure(String message) {
            super(message);
        }
    }
}
