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
/// step all invariants are checked ([ScheduledOracle]).
///
/// **Threads.** One; the threads of tasks are mere names.
final class ScheduledWorld {
    static final long ANSWER_NANOS = 1_000_000;
    private static final int STEPS_MAX = 20_000;
    private static final Thread[] THREADS = new Thread[16];

    static {
        Arrays.setAll(
                THREADS, i -> Thread.ofPlatform().name("task thread " + i).unstarted(() -> {}));
    }

    final ScheduledScenario scenario;
    final Ledger ledger;
    final List<ScheduledTask> tasks = new ArrayList<>();
    final List<ScheduledTask> reclaiming = new ArrayList<>();
    final List<Long> sharedIdle = new ArrayList<>();
    private final List<MemoryScope> jobs = new ArrayList<>();
    private final List<PageLease> exchanges = new ArrayList<>();
    private final Chooser chooser;
    private final MemoryScope exchangeScope;
    private final List<ScheduledChannel> channels = new ArrayList<>();
    private final ScheduledOracle oracle;
    private final @Nullable List<String> trace;
    private long now;
    private int killsLeft;
    private int steps;
    private long inFlight;
    boolean slow;

    /// @param waitTicks how long a request may wait, in units of what an owner has to answer
    /// @param trace where to write what happens, or null
    ScheduledWorld(
            ScheduledScenario scenario,
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
        this.oracle = new ScheduledOracle(this);
        ledger.arbiter().wakeBy(this::wake);
        ledger.run(() -> ledger.arbiter().lastRungs().addThrottle(on -> slow = on));
        this.exchangeScope = ledger.openScope(null, "exchange", 0);
        PageLease exchange = exchangeScope.leasePages(ledger.network, "in flight");
        exchanges.add(exchange);
        for (int capacity : scenario.channels()) {
            channels.add(new ScheduledChannel(capacity));
        }
        for (int i = 0; i < scenario.sharedIdle(); i++) {
            sharedIdle.add(exchange.allocatePage());
        }
        if (scenario.sharedIdle() > 0) {
            ledger.arbiter().addShared(new Idle());
        }
        for (ScheduledScenario.TaskPlan task : scenario.tasks()) {
            while (scenario.jobScopes() && jobs.size() <= task.job()) {
                MemoryScope job = ledger.openScope(null, "job " + jobs.size(), task.priority());
                jobs.add(job);
                exchanges.add(job.openScope("exchange").leasePages(ledger.network, "in flight"));
            }
            tasks.add(new ScheduledTask(this, task, tasks.size(), THREADS[tasks.size()]));
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
                exchanges.getFirst().releasePage(sharedIdle.removeLast());
            }
        }
    }

    MemoryScope openScope(ScheduledScenario.TaskPlan task) {
        return scenario.jobScopes()
                ? jobs.get(task.job()).openScope(task.name())
                : ledger.openScope(null, task.name(), task.priority());
    }

    /// What the channels of a job take their pages from.
    PageLease exchange(int job) {
        return scenario.jobScopes() ? exchanges.get(job + 1) : exchanges.getFirst();
    }

    /// Makes steps until all tasks have ended.
    void run() {
        while (step()) {
            if (++steps > STEPS_MAX) {
                throw new BrokenLaw("no end after " + steps + " steps");
            }
        }
        require(
                tasks.stream().allMatch(task -> task.phase == ScheduledTask.Phase.ENDED),
                "some step is possible while a task has not ended");
        sharedIdle.clear();
        exchanges.getFirst().close();
        exchangeScope.close();
        oracle.checkEnd();
        require(ledger.close().isEmpty(), "nothing is open at the end");
    }

    /// Makes one step.
    ///
    /// @return whether there was one
    boolean step() {
        List<ScheduledTask> enabled = enabled();
        boolean time = anyoneWaits();
        int kinds = enabled.size() + (time ? 1 : 0);
        List<ScheduledTask> victims = killsLeft > 0 ? killable() : List.of();
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

    private List<ScheduledTask> enabled() {
        List<ScheduledTask> enabled = new ArrayList<>();
        for (ScheduledTask task : tasks) {
            if (task.isEnabled()) {
                enabled.add(task);
            }
        }
        return enabled;
    }

    private List<ScheduledTask> killable() {
        List<ScheduledTask> killable = new ArrayList<>();
        for (ScheduledTask task : tasks) {
            if (!task.scope.closed) {
                killable.add(task);
            }
        }
        return killable;
    }

    boolean anyoneWaits() {
        return !ledger.managed.waiting.isEmpty() || !ledger.network.waiting.isEmpty();
    }

    private void run(ScheduledTask task) {
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
                    task -> task.woken |= task.phase == ScheduledTask.Phase.WAITING_FOR_MEMORY);
        }
    }

    private void kill(ScheduledTask task) {
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
        List<ScheduledTask> enabled = enabled();
        int choice = enabled.isEmpty() ? 0 : chooser.choose(enabled.size() + 1);
        if (choice == 0) {
            return false;
        }
        run(enabled.get(choice - 1));
        oracle.check();
        return true;
    }

    private void wake(Thread thread) {
        for (ScheduledTask task : tasks) {
            if (task.thread == thread) {
                task.woken = true;
            }
        }
    }

    void cancelJob(int job) {
        for (ScheduledTask task : tasks) {
            if (task.plan.job() == job) {
                task.cancelled = true;
            }
        }
    }

    /// Without a scope of the job, its last task empties the channels.
    void ending(ScheduledTask task) {
        if (!scenario.jobScopes() && isLastOfItsJob(task)) {
            emptyChannels(task.plan.job());
        }
    }

    /// A scope of the job is closed by whoever comes when all its tasks have ended.
    void ended(ScheduledTask task) {
        if (scenario.jobScopes() && isLastOfItsJob(task)) {
            emptyChannels(task.plan.job());
            exchange(task.plan.job()).close();
            jobs.get(task.plan.job()).close();
        }
    }

    private boolean isLastOfItsJob(ScheduledTask task) {
        return tasks.stream()
                .allMatch(
                        other ->
                                other == task
                                        || other.plan.job() != task.plan.job()
                                        || other.phase == ScheduledTask.Phase.ENDED);
    }

    private void emptyChannels(int job) {
        for (ScheduledTask each : tasks) {
            if (each.plan.job() == job) {
                for (ScheduledOp op : each.plan.program()) {
                    if (op instanceof ScheduledOp.Send send) {
                        empty(channel(send.channel()), exchange(job));
                    }
                }
            }
        }
    }

    private static void empty(ScheduledChannel channel, PageLease exchange) {
        channel.items.forEach(item -> exchange.releasePage(item.page()));
        channel.items.clear();
    }

    ScheduledChannel channel(int index) {
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

    List<ScheduledChannel> channels() {
        return channels;
    }

    long now() {
        return now;
    }

    void checkDenial(ScheduledTask task) {
        oracle.checkDenial(task);
    }

    void require(boolean holds, String what) {
        if (!holds) {
            throw new BrokenLaw("does not hold: " + what + "\n" + text());
        }
    }

    private void note(String what, ScheduledTask task) {
        if (trace != null) {
            trace.add(what + " " + task + " | " + pool(ledger.managed) + pool(ledger.network));
        }
    }

    /// Charged and dirty pages, of how many.
    private static String pool(MemoryPool pool) {
        return " %d+%d/%d"
                .formatted(
                        pool.chargedBytes / Plans.PAGE,
                        pool.dirty.count(),
                        pool.limitBytes / Plans.PAGE);
    }

    /// Everything that decides what can happen next, in 64 bits.
    long fingerprint() {
        return new ScheduledFingerprint(this).value(killsLeft);
    }

    String text() {
        StringBuilder text = new StringBuilder("at ");
        text.append(now / ANSWER_NANOS).append(", ").append(ledger.statistics()).append('\n');
        tasks.forEach(task -> text.append("  ").append(task).append('\n'));
        return text.toString();
    }

    /// An invariant does not hold.
    static final class BrokenLaw extends AssertionError {
        private static final long serialVersionUID = 1L;

        BrokenLaw(String message) {
            super(message);
        }
    }
}
