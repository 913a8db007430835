package io.aquifer.engine;

import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.checkpoint.StateDirectory;
import io.aquifer.memory.Leak;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The running parts of one attempt to run a job: its exchanges, subtasks, threads and memory.
///
/// One platform thread for each subtask and plain blocking code: a call of `collect` simply waits
/// for network memory, in the middle of a user's function, and an operator that blocks or computes
/// for long does not stall its neighbours. See `docs/decisions/0003-threads.md`.
final class JobExecution {
    private static final System.Logger LOG = System.getLogger(JobExecution.class.getName());
    private static final int LARGEST_RECORD = 64 << 20;
    private static final int LARGEST_RECORD_HEAP_SHARE = 16;

    private final JobGraph graph;
    private final JobPlan plan;
    private final AttemptContext attempt;
    private final MemoryManager manager;
    private final Duration cancelTimeout;
    private final Consumer<Throwable> onFailure;
    private final MemoryScope exchangeScope;
    private final SinkCommits sinks = new SinkCommits();
    private final Map<StreamNode, SourceProgress> sources = new LinkedHashMap<>();
    private final List<Subtask> subtasks = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> leaks = new CopyOnWriteArrayList<>();
    private final Map<Subtask, SubtaskSnapshot> finished = new ConcurrentHashMap<>();
    private final JobMetrics metrics;
    private final RunTotals before;
    private @Nullable CheckpointCoordinator checkpoints;
    private @Nullable Thread checkpointThread;
    private List<Exchange> exchanges = List.of();
    private volatile boolean canceled;
    private boolean stuck;
    private boolean committing;

    /// @param attempt what the job runs with and goes on from
    /// @param configuration how the job runs
    /// @param onFailure called by a subtask's thread when it fails
    JobExecution(
            JobGraph graph,
            AttemptContext attempt,
            JobConfiguration configuration,
            Consumer<Throwable> onFailure) {
        this.graph = graph;
        this.attempt = attempt;
        this.manager = attempt.manager();
        this.onFailure = onFailure;
        this.plan = JobPlan.of(graph, configuration.parallelism(), attempt.restored());
        this.cancelTimeout = configuration.cancelTimeout();
        this.exchangeScope = attempt.memory().openScope("exchange");
        this.before = RunTotals.of(attempt.restored().manifest());
        this.metrics = new JobMetrics(plan, subtasks, before);
    }

    JobMetrics metrics() {
        return metrics;
    }

    /// Opens sinks, lists splits, and makes every subtask, without starting any.
    ///
    /// @param directory where checkpoints go, null for a job that takes none
    void prepare(
            @Nullable StateDirectory directory,
            CheckpointSettings settings,
            CheckpointStatistics statistics) {
        for (StreamNode node : graph.nodes()) {
            if (node.operation() instanceof Operation.Read read) {
                sources.put(node, source(node, read));
            }
        }
        sinks.open(graph, attempt.run(), attempt.restored());
        if (directory != null) {
            checkpoints =
                    new CheckpointCoordinator(
                            directory,
                            settings,
                            new CheckpointAssembly(
                                    directory.runId(),
                                    plan,
                                    attempt.ids(),
                                    sources,
                                    settings.interval(),
                                    before),
                            sinks,
                            statistics,
                            subtasks,
                            onFailure,
                            attempt.clock(),
                            System::nanoTime);
        }
        Map<JobPlan.Chain, Signal[]> signals = new HashMap<>();
        for (JobPlan.Chain chain : plan.chains()) {
            Signal[] chainSignals = new Signal[chain.parallelism()];
            java.util.Arrays.setAll(chainSignals, ignored -> new Signal());
            signals.put(chain, chainSignals);
        }
        openExchanges(signals);
        for (JobPlan.Chain chain : plan.chains()) {
            Signal[] own = signals.getOrDefault(chain, new Signal[0]);
            addSubtasks(chain, own);
        }
        for (String pattern : manager.unmatchedPatterns()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the memory policy names ''{0}'', and no task of job ''{1}'' is called so;"
                            + " there are {2}",
                    pattern,
                    graph.name(),
                    subtasks.stream().map(subtask -> subtask.context().id()).toList());
        }
    }

    private SourceProgress source(StreamNode node, Operation.Read read) {
        List<SourceSplit> splits;
        try {
            splits = read.source().splits();
        } catch (Throwable failed) {
            throw OperatorFailure.of(node, null, null, failed);
        }
        return new SourceProgress(
                read.source(), splits, attempt.restored().positions(node, splits));
    }

    private void openExchanges(Map<JobPlan.Chain, Signal[]> signals) {
        int channels = 0;
        for (JobPlan.Edge edge : plan.edges()) {
            channels +=
                    Exchange.channelCount(
                            edge,
                            plan.chainOf(edge.input().from()).parallelism(),
                            plan.chainOf(edge.to()).parallelism());
        }
        int pagesMost = NetworkShare.mostPages(channels, manager);
        exchanges = new ArrayList<>();
        for (JobPlan.Edge edge : plan.edges()) {
            Exchange exchange =
                    new Exchange(
                            edge,
                            signals.getOrDefault(plan.chainOf(edge.input().from()), new Signal[0]),
                            signals.getOrDefault(plan.chainOf(edge.to()), new Signal[0]),
                            plan.chainOf(edge.to()).maxParallelism(),
                            pagesMost,
                            exchangeScope,
                            manager,
                            largestRecordBytes());
            exchanges.add(exchange);
            manager.registerShared(exchange);
        }
    }

    /// A record is held whole on the heap on both sides of an exchange, so the heap bounds it.
    private static int largestRecordBytes() {
        return (int)
                Math.min(
                        LARGEST_RECORD,
                        Runtime.getRuntime().maxMemory() / LARGEST_RECORD_HEAP_SHARE);
    }

    private void addSubtasks(JobPlan.Chain chain, Signal[] signals) {
        List<Exchange> outgoing =
                exchanges.stream()
                        .filter(
                                exchange ->
                                        chain.members().contains(exchange.edge().input().from()))
                        .toList();
        List<Exchange> incoming =
                exchanges.stream()
                        .filter(exchange -> exchange.edge().to() == chain.head())
                        .toList();
        SourceProgress source = sources.get(chain.head());
        CheckpointReceiver receiver = checkpoints == null ? CheckpointReceiver.NONE : checkpoints;
        for (int index = 0; index < chain.parallelism(); index++) {
            List<ChannelReader> readers = new ArrayList<>();
            for (Exchange exchange : incoming) {
                readers.addAll(exchange.readers(index));
            }
            SubtaskContext context = context(chain, index, signals[index]);
            Subtask subtask;
            if (source != null) {
                subtask =
                        new SourceSubtask(chain, source, outgoing, context, receiver, this::ended);
            } else {
                subtask =
                        new ProcessingSubtask(
                                chain, readers, outgoing, context, receiver, this::ended);
            }
            subtasks.add(subtask);
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name(graph.name() + " / " + context.id())
                            .unstarted(subtask));
        }
    }

    private SubtaskContext context(JobPlan.Chain chain, int index, Signal signal) {
        SubtaskId id = new SubtaskId(chain.name(), index, chain.parallelism());
        MemoryScope memory = attempt.memory().openScope(id.toString());
        if (plan.hasKeyedState(chain)) {
            memory.guarantee(manager.managed(), MemoryBudget.guaranteeOfTask());
        }
        return new SubtaskContext(
                attempt,
                id,
                KeyGroupRange.of(index, chain.parallelism(), chain.maxParallelism()),
                memory,
                exchangeScope,
                signal);
    }

    /// Starts every subtask and waits until all have ended, or have been given up after a
    /// cancellation.
    ///
    /// @return whether all have processed all their input; they have not when one failed, and when
    ///   the job was stopped
    boolean runSubtasks() {
        int started = startThreads();
        for (Thread thread : threads.subList(0, started)) {
            stuck |= !join(thread, true);
        }
        for (Subtask subtask : subtasks.subList(started, subtasks.size())) {
            subtask.context().memory().closeAndReport();
        }
        CheckpointCoordinator coordinator = checkpoints;
        Thread thread = checkpointThread;
        if (coordinator != null && thread != null) {
            coordinator.close();
            // An interrupt would close the files that it writes and take output half committed.
            committing = !join(thread, false);
            stuck |= committing;
        }
        return finished.size() == subtasks.size();
    }

    /// Starts the threads as far as the system allows.
    ///
    /// @return how many were started; the job has failed when it is not all of them
    private int startThreads() {
        int started = 0;
        try {
            for (Thread thread : threads) {
                thread.start();
                started++;
            }
            CheckpointCoordinator coordinator = checkpoints;
            if (coordinator != null) {
                Thread thread =
                        Thread.ofPlatform()
                                .daemon()
                                .name(graph.name() + " checkpoints")
                                .unstarted(coordinator);
                thread.start();
                checkpointThread = thread;
            }
        } catch (Throwable refused) {
            onFailure.accept(refused);
        }
        return started;
    }

    /// Waits until a thread has ended.
    ///
    /// @param interrupt whether the thread is interrupted once the attempt was cancelled
    /// @return false when it was given up as stuck
    private boolean join(Thread thread, boolean interrupt) {
        long deadline = Long.MAX_VALUE;
        while (thread.isAlive()) {
            try {
                if (thread.join(Duration.ofMillis(100))) {
                    return true;
                }
            } catch (InterruptedException notOurs) {
                continue;
            }
            if (canceled) {
                long now = System.nanoTime();
                deadline = deadline == Long.MAX_VALUE ? now + cancelTimeout.toNanos() : deadline;
                if (now > deadline) {
                    leaks.add(
                            "thread '"
                                    + thread.getName()
                                    + "' has not ended "
                                    + String.format(Locale.ROOT, "%,d", cancelTimeout.toMillis())
                                    + " ms after its job was cancelled; its views of memory are"
                                    + " revoked, and what it holds stays charged in quarantine"
                                    + " until it does");
                    return false;
                }
                if (interrupt) {
                    thread.interrupt();
                }
            }
        }
        return true;
    }

    /// Asks every subtask to end. Any thread.
    void cancelSubtasks() {
        canceled = true;
        for (Subtask subtask : List.copyOf(subtasks)) {
            subtask.context().signal().cancel();
        }
        for (Thread thread : List.copyOf(threads)) {
            if (thread != Thread.currentThread()) {
                thread.interrupt();
            }
        }
    }

    /// The last thing each subtask's thread does: its memory is back before its thread ends.
    private void ended(
            Subtask subtask, @Nullable SubtaskSnapshot last, @Nullable Throwable failure) {
        Throwable cause = failure;
        try {
            for (Leak leak : subtask.context().memory().closeAndReport().leaks()) {
                leaks.add(leak.toString());
            }
        } catch (RuntimeException | Error notGivenBack) {
            cause = cause == null ? notGivenBack : cause;
        }
        if (cause != null) {
            onFailure.accept(cause);
        } else if (last != null) {
            finished.put(subtask, last);
            CheckpointCoordinator coordinator = checkpoints;
            if (coordinator != null) {
                coordinator.finished(subtask, last);
            }
        }
    }

    /// Asks for a last checkpoint after which every subtask ends. Any thread.
    ///
    /// @return false when the job takes no checkpoints
    boolean stopSubtasks() {
        CheckpointCoordinator coordinator = checkpoints;
        if (coordinator != null) {
            coordinator.stop();
        }
        return coordinator != null;
    }

    /// Makes the output of all sinks visible, once every subtask has finished.
    void commit() {
        CheckpointCoordinator coordinator = checkpoints;
        if (coordinator != null) {
            coordinator.finish();
            return;
        }
        List<SubtaskSnapshot> inOrder = new ArrayList<>();
        for (Subtask subtask : subtasks) {
            inOrder.add(Objects.requireNonNull(finished.get(subtask), "the subtask has finished"));
        }
        Map<StreamNode, List<String>> committables = CheckpointAssembly.committables(inOrder);
        sinks.persist(committables);
        sinks.commit(committables, true);
    }

    /// Whether a thread did not end after the attempt was cancelled; it may still touch what it
    /// had.
    boolean isStuck() {
        return stuck;
    }

    /// Ends the sinks, and gives the memory of the exchanges and of subtasks that are stuck back.
    /// What a stuck thread may still touch goes to quarantine until it ends.
    ///
    /// @return what was held that should not have been, and what could not be removed
    List<String> close() {
        // The thread that is stuck while it commits still uses the sinks.
        List<String> left = committing ? List.of() : sinks.close(true);
        for (Subtask subtask : subtasks) {
            subtask.context().memory().closeAndReport();
        }
        exchanges.forEach(manager::unregister);
        if (stuck) {
            exchangeScope.closeAndReport();
        } else {
            exchanges.forEach(Exchange::close);
            exchangeScope.close();
        }
        List<String> all = new ArrayList<>(leaks);
        all.addAll(left);
        return all;
    }

    /// Gives everything back when the attempt could not be started.
    void abandon() {
        for (Subtask subtask : subtasks) {
            subtask.context().memory().closeAndReport();
        }
        sinks.close(true);
        exchanges.forEach(manager::unregister);
        exchanges.forEach(Exchange::close);
        exchangeScope.closeAndReport();
    }
}
