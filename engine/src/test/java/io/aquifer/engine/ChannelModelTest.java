package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A channel that grows and gives pages back, while somebody else takes what network memory there
/// is.
///
/// Goal: every byte comes out once and in order; at every moment the channel holds what the model
/// says, never less than its minimum nor more than its maximum; a refused page changes nothing.
/// Method: one thread plays writer, reader, reclaimer and the other owner by one seed, where the
/// reading inside a wait of the writer is the signal's service; then real threads. The byte at each
/// position is a function of it, which is the oracle.
@Timeout(60)
class ChannelModelTest {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int LEAST = ChannelPages.LEAST;
    private static final int MOST = 12;
    private static final int POOL_PAGES = 40;

    private final MemoryManager manager =
            MemoryManager.create(
                    new MemoryPlan(
                            (1L + POOL_PAGES) * PAGE,
                            PAGE,
                            0,
                            0,
                            (long) POOL_PAGES * PAGE,
                            (long) POOL_PAGES * PAGE,
                            0));
    private final MemoryScope scope = manager.openScope("test");
    private final PageLease other = scope.leasePages(manager.network(), "other");
    private final PageLease lease = scope.leasePages(manager.network(), "ring");
    private final Deque<Long> others = new ArrayDeque<>();
    private final Signal producer = new Signal();
    private final Signal consumer = new Signal();
    private @Nullable Channel channel;
    private final byte[] buffer = new byte[4 * PAGE];
    private long written;
    private long read;

    @AfterEach
    void giveBack() {
        if (channel != null) {
            channel.close();
        }
        lease.close();
        other.close();
        assertThat(manager.network().heldBytes()).isZero();
        scope.close();
        manager.close();
    }

    private Channel open(int most) {
        Channel opened = new Channel(lease, most, producer, consumer);
        channel = opened;
        return opened;
    }

    private static byte at(long position) {
        return (byte) (position * 0x9E3779B97F4A7C15L >>> 56);
    }

    private static void fill(byte[] bytes, int length, long position) {
        for (int i = 0; i < length; i++) {
            bytes[i] = at(position + i);
        }
    }

    private static void check(byte[] bytes, int length, long position) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != at(position + i)) {
                throw new AssertionError("wrong byte at position " + (position + i));
            }
        }
    }

    private void write(Channel to, int length) {
        byte[] bytes = new byte[length];
        fill(bytes, length, written);
        to.write(bytes, 0, length);
        written += length;
    }

    private int read(Channel from, int length) {
        int taken = from.read(buffer, 0, length);
        check(buffer, taken, read);
        read += taken;
        return taken;
    }

    private void takeAllBut(int pages) {
        while (others.size() < POOL_PAGES - pages) {
            others.push(other.allocatePage());
        }
    }

    private void someoneElse(SplittableRandom random) {
        for (int left = random.nextInt(POOL_PAGES); left > 0; left--) {
            if (random.nextBoolean()) {
                long page = other.tryAllocatePage();
                if (page != 0) {
                    others.push(page);
                }
            } else if (!others.isEmpty()) {
                other.releasePage(others.pop());
            }
        }
    }

    private static int size(SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0 -> PAGE;
            case 1 -> PAGE - 1 + random.nextInt(3);
            case 2 -> random.nextInt(3 * PAGE);
            case 3 -> random.nextInt(2 * MOST * PAGE);
            default -> random.nextInt(2_000);
        };
    }

    /// Reads as the consumer would while the producer waits, until a page is there for it.
    private void readWhileWaiting(Channel from, SplittableRandom random) {
        long idle = 0;
        while (idle <= 0) {
            long before = read / PAGE;
            assertThat(read(from, 1 + random.nextInt(buffer.length))).isPositive();
            idle += read / PAGE - before;
            if (random.nextInt(3) == 0) {
                someoneElse(random);
                idle -= from.handBack(random.nextInt(3));
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void everyStepAtRandom_givesTheBytesInOrder_andHoldsWhatTheModelSays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Channel channel = open(MOST);
        boolean[] writing = {false};
        producer.serveWith(
                () -> {
                    if (writing[0]) {
                        readWhileWaiting(channel, random);
                    }
                });
        int heldMost = 0;
        long visible = 0;
        for (int step = 0; step < 4_000; step++) {
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    writing[0] = true;
                    write(channel, size(random));
                    writing[0] = false;
                    visible = Math.max(visible, written / PAGE * PAGE);
                }
                case 2 -> {
                    channel.publish();
                    visible = written;
                }
                case 3, 4 -> {
                    int length = random.nextInt(buffer.length);
                    long expected = Math.min(length, visible - read);
                    assertThat(read(channel, length)).isEqualTo((int) expected);
                }
                case 5 -> {
                    long idle = channel.idleBytes() / PAGE;
                    int wanted = random.nextInt(MOST);
                    assertThat(channel.handBack(wanted)).isEqualTo((int) Math.min(wanted, idle));
                }
                default -> someoneElse(random);
            }
            assertThat(channel.hasData()).isEqualTo(visible > read);
            int held = lease.pageCount();
            heldMost = Math.max(heldMost, held);
            long inFlight = Math.ceilDiv(written, PAGE) - read / PAGE;
            assertThat(held).isBetween(LEAST, MOST);
            assertThat(inFlight).isBetween(0L, (long) held);
            assertThat(channel.idleBytes() / PAGE)
                    .isEqualTo(Math.max(0, held - Math.max(LEAST, inFlight)));
            assertThat(manager.network().heldBytes())
                    .isEqualTo((long) (held + others.size()) * PAGE);
        }
        assertThat(heldMost).as("it did grow").isGreaterThan(LEAST);
    }

    @Test
    void nthPageRefused_atTheStart_isExplained_andNothingIsHeld() {
        for (int nth = 1; nth <= LEAST; nth++) {
            takeAllBut(nth - 1);
            PageLease ring = scope.leasePages(manager.network(), "refused");
            assertThatThrownBy(() -> new Channel(ring, MOST, producer, consumer))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageContaining("cannot allocate 1 page")
                    .hasMessageContaining("test / refused");
            assertThat(manager.network().heldBytes()).isEqualTo((long) others.size() * PAGE);
            assertThat(scope.leaks()).noneMatch(leak -> leak.toString().contains("refused"));
            while (!others.isEmpty()) {
                other.releasePage(others.pop());
            }
        }
    }

    @Test
    void nthPageRefused_asTheChannelGrows_hasTheWriterWaitForTheReader() {
        for (int nth = LEAST + 1; nth <= MOST + 1; nth++) {
            int pages = nth - 1;
            written = 0;
            read = 0;
            takeAllBut(pages);
            PageLease ring = scope.leasePages(manager.network(), "ring of " + pages);
            Channel growing = new Channel(ring, MOST, producer, consumer);
            int[] waits = {0};
            producer.serveWith(
                    () -> {
                        waits[0]++;
                        // Each time as full as it can be.
                        assertThat(ring.pageCount()).isEqualTo(pages);
                        assertThat(read(growing, PAGE)).isEqualTo(PAGE);
                    });
            write(growing, 3 * MOST * PAGE);
            assertThat(waits[0]).isEqualTo(3 * MOST - pages);
            assertThat(written - read).isEqualTo((long) pages * PAGE);
            while (read < written) {
                assertThat(read(growing, buffer.length)).isPositive();
            }
            growing.close();
            while (!others.isEmpty()) {
                other.releasePage(others.pop());
            }
            assertThat(manager.network().heldBytes()).isZero();
        }
    }

    @Test
    void handBack_keepsBytesInFlightAndTheMinimum() {
        Channel channel = open(MOST);
        write(channel, 9 * PAGE + 5);
        channel.publish();
        assertThat(lease.pageCount()).isEqualTo(10);
        assertThat(channel.handBack(100)).as("all are in flight").isZero();
        read(channel, 4 * PAGE);
        assertThat(channel.idleBytes()).isEqualTo(4L * PAGE);
        assertThat(channel.handBack(1)).isEqualTo(1);
        assertThat(channel.handBack(100)).isEqualTo(3);
        assertThat(lease.pageCount()).isEqualTo(6);
        while (read < written) {
            read(channel, buffer.length);
        }
        assertThat(channel.handBack(100)).isEqualTo(4);
        assertThat(lease.pageCount()).isEqualTo(LEAST);
        write(channel, 3 * PAGE);
        read(channel, buffer.length);
    }

    /// One small message that is taken at once.
    private void quietDrain(Channel channel) {
        write(channel, 10);
        channel.publish();
        assertThat(read(channel, 10)).isEqualTo(10);
    }

    @Test
    void fullDrains_withoutShortage_giveHalfOfTheSurplusBackEachTime() {
        Channel channel = open(MOST);
        write(channel, MOST * PAGE);
        while (read < written) {
            read(channel, buffer.length);
        }
        for (int held : new int[] {12, 7, 4, 3, 2, 2}) {
            assertThat(lease.pageCount()).isEqualTo(held);
            for (int i = 0; i < ChannelPages.QUIET_DRAINS; i++) {
                assertThat(lease.pageCount()).isEqualTo(held);
                quietDrain(channel);
            }
        }
    }

    @Test
    void fullDrains_withAShortageBetween_giveNothingBack() {
        Channel channel = open(MOST);
        int held = LEAST;
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < ChannelPages.QUIET_DRAINS - 1; i++) {
                quietDrain(channel);
                assertThat(lease.pageCount()).isEqualTo(held);
            }
            // More than it holds: the next quiet time begins with the drain of it.
            producer.serveWith(() -> read(channel, PAGE));
            write(channel, (held + 1) * PAGE);
            channel.publish();
            while (read < written) {
                read(channel, buffer.length);
            }
            held = Math.min(MOST, held + 2);
            assertThat(lease.pageCount()).isBetween(held - 1, held);
            held = lease.pageCount();
        }
        assertThat(held).isEqualTo(MOST);
    }

    @Test
    void closedChannel_holdsNothing_andHandsNothingBack() {
        Channel channel = open(MOST);
        write(channel, 7 * PAGE);
        read(channel, 4 * PAGE);
        channel.close();
        assertThat(channel.idleBytes()).isZero();
        assertThat(channel.handBack(5)).isZero();
        assertThat(manager.network().heldBytes()).isZero();
    }

    private static long runToEnd(FutureTask<Long> task) throws Exception {
        return task.get(50, TimeUnit.SECONDS);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void writerReaderAndReclaimer_eachAThread_loseNothing(long seed) throws Exception {
        long total = 1_500L * PAGE + 77;
        Channel channel = open(MOST);
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Long> writing =
                new FutureTask<>(
                        () -> {
                            SplittableRandom random = new SplittableRandom(seed);
                            byte[] bytes = new byte[3 * PAGE];
                            long at = 0;
                            while (at < total) {
                                int most = random.nextInt(4) == 0 ? bytes.length : 9_000;
                                int length = (int) Math.min(total - at, 1 + random.nextInt(most));
                                fill(bytes, length, at);
                                channel.write(bytes, 0, length);
                                at += length;
                                if (random.nextInt(8) == 0) {
                                    channel.publish();
                                }
                            }
                            channel.publish();
                            return at;
                        });
        FutureTask<Long> reading =
                new FutureTask<>(
                        () -> {
                            SplittableRandom random = new SplittableRandom(~seed);
                            byte[] bytes = new byte[3 * PAGE];
                            long at = 0;
                            while (at < total) {
                                int length = 1 + random.nextInt(bytes.length);
                                int taken = channel.read(bytes, 0, length);
                                if (taken == 0) {
                                    consumer.await(channel::hasData, Long.MAX_VALUE);
                                }
                                check(bytes, taken, at);
                                at += taken;
                            }
                            return at;
                        });
        FutureTask<Long> reclaiming =
                new FutureTask<>(
                        () -> {
                            SplittableRandom random = new SplittableRandom(seed * 31);
                            long back = 0;
                            while (!done.get()) {
                                back += channel.handBack(1 + random.nextInt(MOST));
                                someoneElse(random);
                                assertThat(lease.pageCount()).isBetween(LEAST, MOST);
                                assertThat(channel.idleBytes())
                                        .isBetween(0L, (long) (MOST - LEAST) * PAGE);
                            }
                            return back;
                        });
        Thread reclaimer = Thread.ofPlatform().start(reclaiming);
        Thread writer = Thread.ofPlatform().start(writing);
        Thread reader = Thread.ofPlatform().start(reading);
        try {
            assertThat(runToEnd(writing)).isEqualTo(total);
            assertThat(runToEnd(reading)).isEqualTo(total);
        } finally {
            done.set(true);
            producer.cancel();
            consumer.cancel();
        }
        assertThat(runToEnd(reclaiming)).as("pages given back on the way").isPositive();
        for (Thread thread : new Thread[] {reclaimer, writer, reader}) {
            thread.join();
        }
        assertThat(channel.hasData()).isFalse();
        channel.handBack(MOST);
        assertThat(lease.pageCount()).isEqualTo(LEAST);
    }

    @Test
    void handBack_whileTheChannelIsClosed_neitherFailsNorReleasesTwice() throws Exception {
        for (int round = 0; round < 300; round++) {
            PageLease ring = scope.leasePages(manager.network(), "ring " + round);
            Channel closing = new Channel(ring, MOST, producer, consumer);
            written = 0;
            read = 0;
            write(closing, MOST * PAGE);
            while (read < written) {
                read(closing, buffer.length);
            }
            FutureTask<Integer> handing =
                    new FutureTask<>(
                            () -> {
                                int back = 0;
                                while (closing.idleBytes() > 0) {
                                    back += closing.handBack(1);
                                }
                                return back;
                            });
            Thread thread = Thread.ofPlatform().start(handing);
            closing.close();
            assertThat(handing.get(30, TimeUnit.SECONDS)).isBetween(0, MOST - LEAST);
            thread.join();
            assertThat(manager.network().heldBytes()).isZero();
        }
    }
}
