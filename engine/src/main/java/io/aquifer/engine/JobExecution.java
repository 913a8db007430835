package io.aquifer.engine;

import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;
import io.aquifer.memory.Leak;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.MemorySize;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The running parts of one job: its exchanges, subtasks, threads and memory.
///
/// One platform thread for each subtask and plain blocking code: a call of `collect` simply waits
/// for network memory, in the middle of a user's function, and an operator that blocks or computes
/// for long does not stall its neighbours. See `docs/decisions/0003-threads.md`.
final class JobExecution {
    /// How long a cancelled subtask may take to leave the user's code before it is given up as
    /// stuck.
    static final Duration CANCEL_DEADLINE = Duration.ofSeconds(30);

    private static final String PARALLELISM = "aquifer.parallelism";
    private static final int MOST_PAGES_PER_CHANNEL = 32;
    private static final int LEAST_PAGES_PER_CHANNEL = 2;
    private static final int LARGEST_RECORD = 64 << 20;
    private static final int LARGEST_RECORD_HEAP_SHARE = 16;

    private final JobGraph graph;
    private final MemoryManager manager;
    private final Consumer<Throwable> onFailure;
    private final JobPlan plan;
    private final MemoryScope exchangeScope;
    private final List<Subtask> subtasks = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> leaks = new CopyOnWriteArrayList<>();
    private final Map<StreamNode, NavigableMap<Integer, List<String>>> committables =
            new ConcurrentHashMap<>();
    private final Map<StreamNode, SinkCommitter> committers = new LinkedHashMap<>();
    private final RejectCounts rejects = new RejectCounts();
    private final JobMetrics metrics;
    private List<Exchange> exchanges = List.of();
    private volatile boolean canceled;
    private boolean stuck;

    /// @param onFailure called by a subtask's thread when it fails
    JobExecution(JobGraph graph, MemoryManager manager, Consumer<Throwable> onFailure) {
        this.graph = graph;
        this.manager = manager;
        this.onFailure = onFailure;
        this.plan = JobPlan.of(graph, defaultParallelism(graph));
        this.exchangeScope = manager.openScope(graph.name() + " / exchange");
        this.metrics = new JobMetrics(plan, subtasks, rejects);
    }

    private static int defaultParallelism(JobGraph graph) {
        if (graph.settings().parallelism() > 0) {
            return graph.settings().parallelism();
        }
        return Integer.getInteger(PARALLELISM, Runtime.getRuntime().availableProcessors());
    }

    JobMetrics metrics() {
        return metrics;
    }

    /// Checks sinks, lists splits, and makes every subtask, without starting any.
    void prepare() {
        for (StreamNode node : graph.nodes()) {
            if (node.operation() instanceof Operation.Write write) {
                try {
                    committers.put(
                            node, write.sink().open(new SinkRun(graph.name(), "run", 0)));
                } catch (Throwable failed) {
                    throw OperatorFailure.of(node, null, null, failed);
                }
            }
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
        int pages = pagesPerChannel(channels);
        exchanges = new ArrayList<>();
        for (JobPlan.Edge edge : plan.edges()) {
            exchanges.add(
                    new Exchange(
                            edge,
                            signals.getOrDefault(plan.chainOf(edge.input().from()), new Signal[0]),
                            signals.getOrDefault(plan.chainOf(edge.to()), new Signal[0]),
                            pages,
                            exchangeScope,
                            manager,
                            largestRecordBytes()));
        }
    }

    private int pagesPerChannel(int channels) {
        if (channels == 0) {
            return LEAST_PAGES_PER_CHANNEL;
        }
        long free = manager.network().limitBytes() - manager.network().heldBytes();
        long pages = free / MemoryManager.PAGE_SIZE_BYTES / channels;
        if (pages < LEAST_PAGES_PER_CHANNEL) {
            // The pool grows into the reserve, which other jobs have left.
            free += manager.statistics().reserveBytes();
            pages =
                    Math.min(
                            LEAST_PAGES_PER_CHANNEL,
                            free / MemoryManager.PAGE_SIZE_BYTES / channels);
        }
        if (pages < LEAST_PAGES_PER_CHANNEL) {
            throw new IllegalStateException(
                    ("the job needs %d channels of at least %d pages (%s) of network memory, and %s"
                                    + " of %s is free. Lower the parallelism, or give more memory.")
                            .formatted(
                                    channels,
                                    LEAST_PAGES_PER_CHANNEL,
                                    new MemorySize(
                                            (long) channels
                                                    * LEAST_PAGES_PER_CHANNEL
                                                    * MemoryManager.PAGE_SIZE_BYTES),
                                    new MemorySize(free),
                                    new MemorySize(manager.network().limitBytes())));
        }
        return (int) Math.min(MOST_PAGES_PER_CHANNEL, pages);
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
        SplitQueue splits =
                chain.head().operation() instanceof Operation.Read read
                        ? new SplitQueue(splits(chain.head(), read))
                        : null;
        for (int index = 0; index < chain.parallelism(); index++) {
            SubtaskContext context =
                    context(
                            new SubtaskId(chain.name(), index, chain.parallelism()),
                            signals[index]);
            Subtask subtask;
            if (splits != null) {
                subtask = new SourceSubtask(chain, splits, rejects, outgoing, context, this::ended);
            } else {
                List<ChannelReader> readers = new ArrayList<>();
                for (Exchange exchange : incoming) {
                    readers.addAll(exchange.readers(index));
                }
                subtask = new ProcessingSubtask(chain, readers, outgoing, context, this::ended);
            }
            subtasks.add(subtask);
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name(graph.name() + " / " + context.id())
                            .unstarted(subtask));
        }
    }

    private static List<SourceSplit> splits(StreamNode node, Operation.Read read) {
        try {
            return read.source().splits();
        } catch (Throwable failed) {
            throw OperatorFailure.of(node, null, null, failed);
        }
    }

    private SubtaskContext context(SubtaskId id, Signal signal) {
        StateBackend backend = graph.settings().stateBackend();
        return new SubtaskContext(
                graph.name(),
                id,
                manager,
                manager.openScope(graph.name() + " / " + id),
                backend == null ? new ManagedStateBackend() : backend,
                Clock.SYSTEM,
                signal,
                (sink, committable) ->
                        committables
                                .computeIfAbsent(sink, ignored -> new ConcurrentSkipListMap<>())
                                .put(id.index(), committable));
    }

    /// Starts every subtask and waits until all have ended, or have been given up after a
    /// cancellation.
    void runSubtasks() {
        int started = startThreads();
        for (Thread thread : threads.subList(0, started)) {
            join(thread);
        }
        for (Subtask subtask : subtasks.subList(started, subtasks.size())) {
            subtask.context().memory().closeAndReport();
        }
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
        } catch (Throwable refused) {
            onFailure.accept(refused);
        }
        return started;
    }

    private void join(Thread thread) {
        long deadline = Long.MAX_VALUE;
        while (thread.isAlive()) {
            try {
                if (thread.join(Duration.ofMillis(100))) {
                    return;
                }
            } catch (InterruptedException notOurs) {
                continue;
            }
            if (canceled) {
                long now = System.nanoTime();
                deadline = deadline == Long.MAX_VALUE ? now + CANCEL_DEADLINE.toNanos() : deadline;
                if (now > deadline) {
                    stuck = true;
                    leaks.add(
                            "thread '"
                                    + thread.getName()
                                    + "' has not ended "
                                    + CANCEL_DEADLINE.toSeconds()
                                    + " s after its job was cancelled; what it holds stays"
                                    + " charged");
                    return;
                }
                thread.interrupt();
            }
        }
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
    private void ended(Subtask subtask, @Nullable Throwable failure) {
        for (Leak leak : subtask.context().memory().closeAndReport().leaks()) {
            leaks.add(leak.toString());
        }
        if (failure != null) {
            onFailure.accept(failure);
        }
    }

    /// Makes the output of all sinks visible, in order of declaration.
    void commitSinks() {
        for (Map.Entry<StreamNode, SinkCommitter> entry : committers.entrySet()) {
            NavigableMap<Integer, List<String>> bySubtask = committables.get(entry.getKey());
            List<String> all = new ArrayList<>();
            if (bySubtask != null) {
                bySubtask.values().forEach(all::addAll);
            }
            try {
                entry.getValue().persist(all);
                entry.getValue().commit(all);
            } catch (Throwable failed) {
                throw OperatorFailure.of(entry.getKey(), null, null, failed);
            }
        }
    }

    /// Removes what the sinks have left that have not committed, whatever fails on the way.
    void abortSinks() {
        committers.forEach(
                (node, committer) -> {
                    try {
                        committer.abort();
                    } catch (IOException | RuntimeException | Error failed) {
                        leaks.add(
                                "unfinished output of "
                                        + node
                                        + " could not be removed: "
                                        + failed.getMessage());
                    }
                });
    }
    /// Gives the exchanges' memory back, which no thread uses any more. While a thread is stuck it
    /// stays charged instead.
    ///
    /// @return what was held that should not have been
    List<String> releaseMemory() {
        if (!stuck) {
            exchanges.forEach(Exchange::close);
            exchangeScope.close();
        }
        return new ArrayList<>(leaks);
    }

    /// Gives everything back when the job could not be started.
    void abandon() {
        for (Subtask subtask : subtasks) {
            subtask.context().memory().closeAndReport();
        }
        abortSinks();
        exchanges.forEach(Exchange::close);
        exchangeScope.closeAndReport();
    }
}
