package io.aquifer.engine;

import static io.aquifer.engine.AttemptBench.until;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// A source's subtask and the one that it feeds, with a service written by hand in the place of
/// what the memory asks: it is served wherever the two threads wait, and between their batches.
@Timeout(60)
class SubtaskServiceTest {
    private final MemoryManager manager = MemoryManager.create(MemoryBudget.forJob("32"));
    private final MemoryScope memory = manager.openScope("test");
    private final GatedSource source = new GatedSource();
    private final SourceThrottle throttle = new SourceThrottle();
    private final Requests reading = new Requests();
    private final Requests processing = new Requests();
    private final AtomicLong seen = new AtomicLong();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Exchange exchange;
    private final SourceSubtask reader;
    private final Thread readingThread;
    private final Thread processingThread;

    /// Requests by number, answered by the subtask's thread.
    private static final class Requests implements Runnable {
        final Signal signal = new Signal();
        volatile int asked;
        volatile int answered;

        @Override
        public void run() {
            answered = asked;
        }

        void askAndWait(int requests) {
            for (int i = 0; i < requests; i++) {
                int request = asked + 1;
                asked = request;
                signal.wake();
                until(() -> answered == request);
            }
        }
    }

    SubtaskServiceTest() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "texts")
                .rebalance()
                .collect(
                        text -> {
                            try {
                                gate.await();
                            } catch (InterruptedException unexpected) {
                                throw new AssertionError(unexpected);
                            }
                            seen.incrementAndGet();
                        });
        JobGraph graph = env.graph("served");
        JobPlan plan = JobPlan.of(graph, 1, RestorePoint.nothing());
        AttemptContext attempt =
                new AttemptContext(
                        "served",
                        manager,
                        memory,
                        new ManagedStateBackend(),
                        Clock.SYSTEM,
                        new OperatorIds(graph),
                        RestorePoint.nothing(),
                        new SinkRun("served", "run", 0),
                        false,
                        Spill.in(JobConfiguration.spillDirectory()),
                        throttle);
        exchange =
                new Exchange(
                        plan.edges().getFirst(),
                        new Signal[] {reading.signal},
                        new Signal[] {processing.signal},
                        128,
                        4,
                        memory,
                        manager,
                        1 << 20);
        JobPlan.Chain first = plan.chains().getFirst();
        JobPlan.Chain second = plan.chains().getLast();
        Operation.Read read = (Operation.Read) first.head().operation();
        Subtask.SubtaskEnd end =
                (subtask, last, failure) -> {
                    if (failure != null) {
                        failures.add(failure);
                    }
                };
        reader =
                new SourceSubtask(
                        first,
                        new SourceProgress(read.source(), read.source().splits(), List.of()),
                        List.of(exchange),
                        context(attempt, first, reading.signal),
                        CheckpointReceiver.NONE,
                        end);
        ProcessingSubtask processor =
                new ProcessingSubtask(
                        second,
                        exchange.readers(0),
                        List.of(),
                        context(attempt, second, processing.signal),
                        CheckpointReceiver.NONE,
                        end);
        reading.signal.serveWith(reading);
        processing.signal.serveWith(processing);
        readingThread = Thread.ofPlatform().start(reader);
        processingThread = Thread.ofPlatform().start(processor);
    }

    private SubtaskContext context(AttemptContext attempt, JobPlan.Chain chain, Signal signal) {
        return new SubtaskContext(
                attempt,
                new SubtaskId(chain.name(), 0, 1),
                KeyGroupRange.of(0, 1, chain.maxParallelism()),
                memory,
                memory,
                signal);
    }

    @AfterEach
    void end() throws InterruptedException {
        throttle.resume();
        gate.countDown();
        source.end = source.limit;
        readingThread.join();
        processingThread.join();
        exchange.close();
        memory.close();
        manager.close();
        assertThat(failures).isEmpty();
        assertThat(seen).hasValue(source.limit);
    }

    @Test
    void consumerWithoutData_serves_alsoAfterItsChannelsWereTrimmed() {
        until(() -> processingThread.getState() == Thread.State.WAITING);
        processing.askAndWait(100);
        until(() -> processingThread.getState() == Thread.State.WAITING);
        processing.askAndWait(1);
    }

    @Test
    void producerWithoutPages_servesInTheMiddleOfCollect() {
        source.limit = 1_000;
        until(() -> readingThread.getState() == Thread.State.WAITING);
        reading.askAndWait(100);
        assertThat(source.read.get()).as("it waits for pages").isLessThan(300);
    }

    @Test
    void pausedSource_serves_andCountsItsPauses() {
        throttle.pause();
        until(() -> readingThread.getState() == Thread.State.WAITING);
        assertThat(reader.pausedNanos()).isZero();
        reading.askAndWait(100);
        throttle.resume();
        until(() -> reader.pausedNanos() > 0);
        reading.askAndWait(1);
    }

    @Test
    void busySubtasks_serveBetweenBatches() {
        gate.countDown();
        source.limit = Long.MAX_VALUE;
        until(() -> seen.get() > 1_000);
        reading.askAndWait(20);
        processing.askAndWait(20);
        throttle.pause();
        until(() -> readingThread.getState() == Thread.State.WAITING);
        source.limit = source.read.get();
    }
}
