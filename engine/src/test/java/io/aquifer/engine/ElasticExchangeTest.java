package io.aquifer.engine;

import static io.aquifer.engine.AttemptBench.until;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Rung;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// Network memory of real jobs and of an exchange's channels together.
@Timeout(60)
class ElasticExchangeTest {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int LEAST = ChannelPages.LEAST;

    /// Network memory is 4 MiB of it, 128 pages.
    private final MemoryManager manager = MemoryManager.create(MemoryBudget.forJob("32"));

    @AfterEach
    void close() {
        assertThat(manager.network().heldBytes()).isZero();
        manager.close();
    }

    private static JobGraph graph(GatedSource source, int parallelism, Consumer<String> sink) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(parallelism);
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "texts")
                .rebalance()
                .map(text -> text)
                .rebalance()
                .collect(sink);
        return env.graph("elastic");
    }

    private static int channels(JobGraph graph, int parallelism) {
        JobPlan plan = JobPlan.of(graph, parallelism, RestorePoint.nothing());
        int channels = 0;
        for (JobPlan.Edge edge : plan.edges()) {
            channels +=
                    Exchange.channelCount(
                            edge,
                            plan.chainOf(edge.input().from()).parallelism(),
                            plan.chainOf(edge.to()).parallelism());
        }
        return channels;
    }

    private static List<String> texts(long count) {
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            texts.add(GatedSource.text(i));
        }
        return texts;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException canceled) {
            throw new CanceledException();
        }
    }

    private int heldPages() {
        return (int) (manager.network().heldBytes() / PAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void jobThatIdles_keepsTwoPagesOfEachChannel_andGrowsAgain(int parallelism) throws Exception {
        GatedSource source = new GatedSource();
        CountDownLatch gate = new CountDownLatch(1);
        ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        JobGraph graph =
                graph(
                        source,
                        parallelism,
                        text -> {
                            await(gate);
                            seen.add(text);
                        });
        try (AttemptBench job = new AttemptBench(graph, manager)) {
            int least = LEAST * channels(graph, parallelism);
            assertThat(heldPages()).isEqualTo(least);
            job.start();
            source.limit = 4_000;
            until(() -> heldPages() > 2 * least);
            gate.countDown();
            until(() -> seen.size() == 4_000);
            until(() -> heldPages() == least);

            source.endAt(9_000);
            assertThat(job.finished()).isTrue();
            assertThat(seen).containsExactlyInAnyOrderElementsOf(texts(9_000));
            assertThat(job.failures).isEmpty();
        }
    }

    @Test
    void jobWithFullChannels_leavesRoomForAnother() throws Exception {
        GatedSource first = new GatedSource();
        GatedSource second = new GatedSource();
        CountDownLatch gate = new CountDownLatch(1);
        ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        JobGraph blocked = graph(first, 1, text -> await(gate));
        first.endAt(20_000);
        second.endAt(5_000);
        try (AttemptBench full = new AttemptBench(blocked, manager).start()) {
            // Two channels, each as full as it may be.
            until(() -> heldPages() == 2 * NetworkShare.MOST_PAGES);
            try (AttemptBench other = new AttemptBench(graph(second, 2, seen::add), manager)) {
                assertThat(other.start().finished()).isTrue();
            }
            assertThat(seen).containsExactlyInAnyOrderElementsOf(texts(5_000));
            gate.countDown();
            assertThat(full.finished()).isTrue();
        }
    }

    private static Signal[] signals(int count) {
        Signal[] signals = new Signal[count];
        java.util.Arrays.setAll(signals, ignored -> new Signal());
        return signals;
    }

    private static JobPlan.Edge edge() {
        return JobPlan.of(graph(new GatedSource(), 2, text -> {}), 2, RestorePoint.nothing())
                .edges()
                .getFirst();
    }

    private static MemoryManager managerOf(int networkPages) {
        long network = (long) networkPages * PAGE;
        return MemoryManager.create(
                new MemoryPlan(network + PAGE, PAGE, 0, 0, network, network, 0));
    }

    private static Exchange exchange(MemoryScope scope, MemoryManager from) {
        return new Exchange(edge(), signals(2), signals(3), 128, 8, scope, from, 1 << 20);
    }

    @Test
    void nthPageRefused_asAnExchangeIsOpened_leavesNothingHeld() {
        int needed = 6 * LEAST;
        for (int nth = 1; nth <= needed; nth++) {
            try (MemoryManager small = managerOf(needed);
                    MemoryScope scope = small.openScope("test");
                    PageLease other = scope.leasePages(small.network(), "other")) {
                for (int i = nth - 1; i < needed; i++) {
                    other.allocatePage();
                }
                assertThatThrownBy(() -> exchange(scope, small))
                        .isInstanceOf(MemoryExhaustedException.class)
                        .hasMessageContaining("cannot allocate 1 page");
                assertThat(small.network().heldBytes()).isEqualTo(other.heldBytes());
                assertThat(scope.leaks()).hasSize(1);
            }
        }
        try (MemoryManager enough = managerOf(needed);
                MemoryScope scope = enough.openScope("test")) {
            Exchange opened = exchange(scope, enough);
            assertThat(enough.network().heldBytes()).isEqualTo((long) needed * PAGE);
            opened.close();
            assertThat(enough.network().heldBytes()).isZero();
        }
    }

    @Test
    void reclaim_byAnyThread_givesBackIdlePagesOfAllChannels_upToWhatIsAsked() throws Exception {
        try (MemoryManager small = managerOf(48);
                MemoryScope scope = small.openScope("test")) {
            Exchange exchange = exchange(scope, small);
            assertThat(exchange.rung()).isEqualTo(Rung.IDLE_PAGES);
            assertThat(exchange.reclaimableBytes()).isZero();
            // Every channel of the first producer grows to 8 pages and is emptied.
            RecordWriter writer = exchange.writer(new SubtaskId("texts", 0, 2));
            List<ChannelReader> readers = new ArrayList<>();
            for (int consumer = 0; consumer < 3; consumer++) {
                readers.addAll(exchange.readers(consumer));
            }
            int[] records = {0};
            for (int i = 0; i < 3 * 240; i++) {
                writer.element(GatedSource.text(i), 0);
            }
            writer.flush();
            long held = small.network().heldBytes() / PAGE;
            assertThat(held).isEqualTo(3 * LEAST + 3 * 8);
            assertThat(exchange.reclaimableBytes()).as("all in flight").isZero();
            for (ChannelReader reader : readers) {
                while (reader.drain(counting(records), 1_000)) {}
            }
            assertThat(records[0]).isEqualTo(3 * 240);
            assertThat(exchange.reclaimableBytes()).isEqualTo(3L * 6 * PAGE);

            Thread stranger = Thread.ofPlatform().start(() -> exchange.reclaim(7L * PAGE - 100));
            stranger.join();
            assertThat(small.network().heldBytes() / PAGE).isEqualTo(held - 7);
            assertThat(exchange.reclaimableBytes()).isEqualTo(11L * PAGE);
            exchange.reclaim(Long.MAX_VALUE);
            assertThat(exchange.reclaimableBytes()).isZero();
            assertThat(small.network().heldBytes()).isEqualTo(6L * LEAST * PAGE);

            exchange.close();
            exchange.reclaim(PAGE);
            assertThat(exchange.reclaimableBytes()).isZero();
            assertThat(small.network().heldBytes()).isZero();
        }
    }

    private static ChannelReader.Handler counting(int[] records) {
        return new ChannelReader.Handler() {
            @Override
            public void records(Object[] values, long[] timestamps, int count) {
                records[0] += count;
            }

            @Override
            public void watermarkChanged() {}
        };
    }
}
