package io.aquifer.engine;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.engine.SubtaskSnapshot.OperatorPart;
import io.aquifer.engine.SubtaskSnapshot.SourcePart;
import io.aquifer.engine.checkpoint.StateDirectory;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A coordinator with the subtasks of a small job that do not run: two read, one writes to a sink
/// that notes what is asked of it. Time stands still until a test moves it.
final class CheckpointBench implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(10);
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    /// What the sink was asked for, in order.
    final List<String> log = new ArrayList<>();

    /// Committables that are visible, in order.
    final List<String> committed = new ArrayList<>();

    /// What ended the attempt.
    final List<Throwable> failures = new ArrayList<>();

    final List<Subtask> subtasks = new ArrayList<>();
    final SinkCommits sinks = new SinkCommits();
    final CheckpointStatistics statistics = new CheckpointStatistics(() -> nanos());
    final StateDirectory directory;
    final JobGraph graph;
    final CheckpointCoordinator coordinator;
    private final MemoryManager manager = MemoryManager.create(MemoryBudget.forJob("32"));
    private final MemoryScope memory = manager.openScope("bench");
    private final Path path;
    private final StreamNode sinkNode;
    private long now;
    private @Nullable String refusing;

    /// @param interval between checkpoints
    CheckpointBench(Path path, Duration interval) {
        this.path = path;
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(1, 9).rebalance().sinkTo(new NotingSink()).setParallelism(1);
        graph = env.graph("bench");
        JobPlan plan = JobPlan.of(graph, 2, RestorePoint.nothing());
        directory = StateDirectory.open(new StateDirectory.Request(path, "bench", 3, false, 0));
        AttemptContext attempt =
                new AttemptContext(
                        "bench",
                        manager,
                        manager.openScope("bench"),
                        new ManagedStateBackend(),
                        () -> 0,
                        new OperatorIds(graph),
                        RestorePoint.nothing(),
                        new SinkRun("bench", directory.runId(), 0),
                        true,
                        Spill.in(path),
                        new SourceThrottle());
        Map<StreamNode, SourceProgress> sources = new LinkedHashMap<>();
        StreamNode last = graph.nodes().getLast();
        for (JobPlan.Chain chain : plan.chains()) {
            if (chain.head().operation() instanceof Operation.Read read) {
                sources.put(chain.head(), progress(read));
            }
            for (int index = 0; index < chain.parallelism(); index++) {
                subtasks.add(subtask(chain, index, attempt, sources.get(chain.head())));
            }
        }
        sinkNode = last;
        sinks.open(graph, attempt.run(), RestorePoint.nothing());
        coordinator =
                new CheckpointCoordinator(
                        directory,
                        new CheckpointSettings(interval, TIMEOUT, 3),
                        new CheckpointAssembly(
                                directory.runId(),
                                plan,
                                attempt.ids(),
                                sources,
                                interval,
                                RunTotals.ZERO),
                        sinks,
                        statistics,
                        subtasks,
                        failures::add,
                        () -> 0,
                        this::nanos);
    }

    private static SourceProgress progress(Operation.Read read) {
        try {
            return new SourceProgress(read.source(), read.source().splits(), List.of());
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Subtask subtask(
            JobPlan.Chain chain,
            int index,
            AttemptContext attempt,
            @Nullable SourceProgress progress) {
        SubtaskContext context =
                new SubtaskContext(
                        attempt,
                        new SubtaskId(chain.name(), index, chain.parallelism()),
                        KeyGroupRange.of(index, chain.parallelism(), chain.maxParallelism()),
                        memory,
                        memory,
                        new Signal());
        Subtask.SubtaskEnd nobody = (subtask, last, failure) -> {};
        return progress == null
                ? new ProcessingSubtask(
                        chain, List.of(), List.of(), context, CheckpointReceiver.NONE, nobody)
                : new SourceSubtask(
                        chain, progress, List.of(), context, CheckpointReceiver.NONE, nobody);
    }

    private long nanos() {
        return now;
    }

    void pass(Duration time) {
        now += time.toNanos();
    }

    /// Passes an interval and has a checkpoint begin.
    ///
    /// @return its id
    long begin() throws InterruptedException {
        pass(INTERVAL);
        long id = directory.nextId();
        coordinator.step();
        return id;
    }

    Subtask sinkSubtask() {
        return subtasks.getLast();
    }

    /// A subtask's part, with what its sink hands over; the readers have no sink.
    SubtaskSnapshot part(Subtask subtask, @Nullable IOException failure, String... committables) {
        Map<StreamNode, OperatorPart> operators = new LinkedHashMap<>();
        for (StreamNode node : subtask.plan().members()) {
            operators.put(
                    node,
                    new OperatorPart(
                            0,
                            null,
                            new StateRuns(),
                            node == sinkNode ? List.of(committables) : List.of(),
                            Map.of()));
        }
        SourcePart read =
                subtask instanceof SourceSubtask
                        ? new SourcePart(Map.of(), -1, 0, 0, Map.of())
                        : null;
        return new SubtaskSnapshot(operators, read, failure);
    }

    /// All readers send in their parts.
    void acknowledgeSources(long checkpoint) {
        for (Subtask subtask : subtasks) {
            if (subtask instanceof SourceSubtask) {
                coordinator.acknowledge(subtask, checkpoint, part(subtask, null));
            }
        }
    }

    void acknowledgeSink(long checkpoint, String... committables) {
        coordinator.acknowledge(sinkSubtask(), checkpoint, part(sinkSubtask(), null, committables));
    }

    /// The sink's committables in the latest checkpoint.
    List<String> latestCommittables() {
        return directory.latest().orElseThrow().operators().getLast().committables();
    }

    /// What an attempt goes on from that begins now.
    RestorePoint restored() {
        return RestorePoint.of(
                directory, directory.latest().orElseThrow(), graph, new OperatorIds(graph));
    }

    /// The next call of that name fails.
    void refuse(String call) {
        refusing = call;
    }

    /// Takes the lock's file away: the state directory then refuses to begin and to complete.
    void breakDirectory(boolean broken) throws IOException {
        Path aside = path.resolveSibling("aside");
        Path lock = path.resolve("lock");
        Files.move(broken ? lock : aside, broken ? aside : lock);
    }

    @Override
    public void close() {
        sinks.close(false);
        directory.close();
        memory.close();
        manager.close();
    }

    private final class NotingSink implements Sink<Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public String name() {
            return "noting";
        }

        @Override
        public SinkWriter<Long> createWriter(SinkContext context) {
            throw new AssertionError("no subtask runs");
        }

        private void note(String call, List<String> committables) throws IOException {
            if (call.equals(refusing)) {
                refusing = null;
                throw new IOException("refused");
            }
            log.add(call + " " + committables);
        }

        @Override
        public SinkCommitter open(SinkRun run) {
            return new SinkCommitter() {
                @Override
                public void persist(List<String> committables) throws IOException {
                    note("persist", committables);
                }

                @Override
                public void commit(List<String> committables) throws IOException {
                    note("commit", committables);
                    committed.addAll(committables);
                }

                @Override
                public void abort() throws IOException {
                    note("abort", List.of());
                }

                @Override
                public void close() {}
            };
        }
    }
}
