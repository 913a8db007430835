package io.aquifer.api;

import io.aquifer.api.connector.Source;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.graph.JobExecutor;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.JobSettings;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.SourceLocation;
import io.aquifer.api.graph.StreamInput;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;

/// Where a job begins: configuration, sources, and [#execute].
///
/// ```java
/// StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
/// env.setMemory("2048");
/// env.setStateBackend(new HashMapStateBackend("path/to/state"));
/// ```
///
/// Each environment is one job graph. Used by one thread while the graph is built.
public final class StreamExecutionEnvironment {
    private final List<StreamNode> nodes = new ArrayList<>();
    private @Nullable String memory;
    private @Nullable StateBackend stateBackend;
    private int parallelism;
    private int priority;
    private @Nullable CheckpointSettings checkpoints;
    private @Nullable RestartStrategy restartStrategy;

    private StreamExecutionEnvironment() {}

    public static StreamExecutionEnvironment getExecutionEnvironment() {
        return new StreamExecutionEnvironment();
    }

    /// Sets the memory that the job may use in all.
    ///
    /// Under the launcher, its `--memory` is the ceiling and this may ask for less. In a host's own
    /// JVM it covers managed, network and operation memory off the heap and what is charged on it;
    /// the host's heap itself stays the host's.
    ///
    /// @param size MiB without a unit: `"2048"`; or with one: `"2g"`, `"1536m"`. What it cannot
    ///   mean is told by [#execute]
    public StreamExecutionEnvironment setMemory(String size) {
        memory = size;
        return this;
    }

    /// Sets how important this job's memory is among the jobs of this process; 0 unless set, a
    /// larger number is more important. When memory is spent and nothing can be given back, the
    /// youngest job of the lowest priority has to end; the `priority` allocation policy also lets
    /// more important jobs take from less important ones.
    public StreamExecutionEnvironment setPriority(int jobPriority) {
        priority = jobPriority;
        return this;
    }

    /// Sets where keyed state lives while the job runs.
    ///
    /// A backend with a path also takes checkpoints into that directory, every 10 s unless
    /// [#enableCheckpointing] says otherwise, and a job that was interrupted goes on from the last
    /// one when it is started again.
    public StreamExecutionEnvironment setStateBackend(StateBackend backend) {
        stateBackend = backend;
        return this;
    }

    /// Takes a checkpoint every `intervalMillis` milliseconds. They go to the state backend's path,
    /// which the job needs then.
    public StreamExecutionEnvironment enableCheckpointing(long intervalMillis) {
        return enableCheckpointing(Duration.ofMillis(intervalMillis));
    }

    /// As [#enableCheckpointing(long)].
    public StreamExecutionEnvironment enableCheckpointing(Duration interval) {
        if (interval.isZero()) {
            throw new IllegalArgumentException("the checkpoint interval is longer than 0");
        }
        CheckpointSettings before = checkpoints == null ? CheckpointSettings.DEFAULT : checkpoints;
        return setCheckpoints(
                new CheckpointSettings(interval, before.timeout(), before.retained()));
    }

    /// Sets everything about checkpoints: interval, timeout, how many are kept.
    public StreamExecutionEnvironment setCheckpoints(CheckpointSettings settings) {
        checkpoints = settings;
        return this;
    }

    /// Sets what happens when a task fails. The default is three restarts a second apart for a job
    /// with checkpoints, and none for one without.
    public StreamExecutionEnvironment setRestartStrategy(RestartStrategy strategy) {
        restartStrategy = strategy;
        return this;
    }

    /// Sets the subtasks of each operator that sets none of its own. The default is the number of
    /// processors.
    public StreamExecutionEnvironment setParallelism(int parallelism) {
        if (parallelism < 1) {
            throw new IllegalArgumentException(
                    "parallelism must be at least 1, got " + parallelism);
        }
        this.parallelism = parallelism;
        return this;
    }

    /// Reads a source.
    ///
    /// @param watermarks applied to each split by itself; [WatermarkStrategy#noWatermarks] when
    ///   there is no event time
    public <T> DataStreamSource<T> fromSource(
            Source<T> source, WatermarkStrategy<T> watermarks, String name) {
        StreamNode node =
                add(name, new Operation.Read(source, watermarks), List.of(), source.producedType());
        return new DataStreamSource<>(this, node);
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final <T> DataStreamSource<T> fromData(T... elements) {
        return fromCollection(Arrays.asList(elements));
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final <T> DataStreamSource<T> fromElements(T... elements) {
        return fromCollection(Arrays.asList(elements));
    }

    /// The elements' type is that of the first; use [#fromCollection(Collection, TypeInformation)]
    /// for generic types.
    @SuppressWarnings("unchecked")
    public <T> DataStreamSource<T> fromCollection(Collection<T> elements) {
        if (elements.isEmpty()) {
            throw new IllegalArgumentException(
                    "an empty collection does not tell its type: use fromCollection(elements,"
                            + " Types.of(...))");
        }
        Class<T> type = (Class<T>) elements.iterator().next().getClass();
        int index = 0;
        for (T element : elements) {
            if (element == null) {
                throw new IllegalArgumentException(
                        "element " + index + " is null; a stream holds no nulls");
            }
            if (element.getClass() != type) {
                throw new IllegalArgumentException(
                        "element %d is a %s, the first one is a %s: say what they have in common with fromCollection(elements, TypeInformation.of(Common.class))"
                                .formatted(
                                        index,
                                        element.getClass().getSimpleName(),
                                        type.getSimpleName()));
            }
            index++;
        }
        return fromCollection(elements, TypeInformation.of(type));
    }

    public <T> DataStreamSource<T> fromCollection(Collection<T> elements, TypeInformation<T> type) {
        return fromSource(
                new CollectionSource<>(List.copyOf(elements), type),
                WatermarkStrategy.noWatermarks(),
                "collection");
    }

    /// The numbers `from` to `to`, both included; split over the source's subtasks.
    public DataStreamSource<Long> fromSequence(long from, long to) {
        return fromSource(
                new SequenceSource(from, to), WatermarkStrategy.noWatermarks(), "sequence");
    }

    /// Runs the job and waits for its end.
    ///
    /// @throws RuntimeException what the job failed with; the message says which operator, where it
    ///   was declared, and why
    public JobExecutionResult execute(String jobName) throws InterruptedException {
        JobClient client = executeAsync(jobName);
        try {
            return client.getResult();
        } catch (InterruptedException interrupted) {
            client.cancel();
            throw interrupted;
        }
    }

    public JobExecutionResult execute() throws InterruptedException {
        return execute("job");
    }

    /// Starts the job and returns.
    public JobClient executeAsync(String jobName) {
        return Engine.EXECUTOR.submit(graph(jobName));
    }

    /// The graph built so far.
    public JobGraph graph(String jobName) {
        if (nodes.isEmpty()) {
            throw new IllegalStateException(
                    "the job '" + jobName + "' has no source: begin with env.fromSource(...)");
        }
        return new JobGraph(
                jobName,
                nodes,
                new JobSettings(
                        memory, stateBackend, parallelism, priority, checkpoints, restartStrategy));
    }

    StreamNode add(
            String name,
            Operation operation,
            List<StreamInput> inputs,
            @Nullable TypeInformation<?> type) {
        StreamNode node =
                new StreamNode(
                        nodes.size() + 1, name, operation, inputs, type, SourceLocation.ofCaller());
        nodes.add(node);
        return node;
    }

    /// Forgets a node that no other node reads.
    void remove(StreamNode node) {
        nodes.remove(node);
    }

    /// Found once, on the first execution.
    private static final class Engine {
        static final JobExecutor EXECUTOR = find();

        private static JobExecutor find() {
            return ServiceLoader.load(JobExecutor.class, Engine.class.getClassLoader())
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "no engine to run the job: add the aquifer-engine"
                                                    + " module to the class path"));
        }
    }
}
