package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/// Checked views: what they show, where they end, and how the end of an owner takes them back.
class PageViewTest {
    private static final int PAGE = PageSpace.PAGE_BYTES;

    @Test
    void view_randomAccesses_showThePageAndNothingElse() throws AddressSpaceException {
        SplittableRandom random = new SplittableRandom(5);
        PageSpace space = PageSpace.reserve(40);
        try (Arena arena = Arena.ofShared()) {
            for (int page = 0; page < 40; page++) {
                space.commit(page);
            }
            for (int step = 0; step < 5_000; step++) {
                int page = random.nextInt(40);
                MemorySegment view = space.view(page, arena);
                assertThat(view.byteSize()).isEqualTo(PAGE);
                long value = random.nextLong();
                int at = random.nextInt(PAGE - 7);
                view.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
                assertThat(PageAccess.getLong(space.address(page) + at)).isEqualTo(value);
                int outside =
                        random.nextBoolean()
                                ? -1 - random.nextInt(100)
                                : PAGE - random.nextInt(1, 8);
                assertThatThrownBy(() -> view.get(ValueLayout.JAVA_LONG_UNALIGNED, outside))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
        space.close(true);
    }

    @Test
    void window_slices_areThePages() throws AddressSpaceException {
        assumeTrue(AddressSpace.MAPPED);
        PageSpace space = PageSpace.reserve(5);
        assertThat(space.extentPages()).isEqualTo(1);
        MemorySegment kept;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment window = space.window(arena);
            assertThat(window.byteSize()).isEqualTo(5L * PAGE);
            kept = window.asSlice(3L * PAGE, PAGE);
            space.commit(3);
            PageAccess.putInt(space.address(3) + 20, 77);
            assertThat(kept.get(ValueLayout.JAVA_INT, 20)).isEqualTo(77);
        }
        assertThatThrownBy(() -> kept.get(ValueLayout.JAVA_INT, 20))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Already closed");
        space.close(true);
    }

    @Test
    void window_inThePortableMode_isRefused() throws AddressSpaceException {
        assumeFalse(AddressSpace.MAPPED);
        PageSpace space = PageSpace.reserve(5);
        assertThat(space.extentPages()).isEqualTo(16);
        try (Arena arena = Arena.ofShared()) {
            assertThatThrownBy(() -> space.window(arena))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("portable pages have no common memory; take a view of each page");
            assertThatThrownBy(() -> space.view(2, arena))
                    .as("not committed")
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith("or never allocated.");
        }
        space.close(true);
    }

    @Test
    @SuppressWarnings("MustBeClosedChecker") // closed in the middle
    void ownerEnds_aThreadIsReadingAView_throwsTheThreadOut()
            throws AddressSpaceException, InterruptedException {
        PageSpace space = PageSpace.reserve(16);
        Arena arena = Arena.ofShared();
        space.commit(0);
        MemorySegment view = space.view(0, arena);
        AtomicInteger rounds = new AtomicInteger();
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread late =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        while (true) {
                                            view.fill((byte) rounds.incrementAndGet());
                                        }
                                    } catch (IllegalStateException revoked) {
                                        end.set(revoked);
                                    }
                                });
        while (rounds.get() < 1_000) {
            Thread.onSpinWait();
        }

        arena.close();
        int[] stayed = space.tryDecommit(new int[] {0}, 0, 1);
        late.join();

        assertThat(stayed).isEmpty();
        assertThat(end.get()).hasMessage("Already closed");
        space.commit(0);
        assertThat(PageAccess.getLong(space.address(0))).as("after the late write").isZero();
        space.close(true);
    }

    @Test
    void decommit_ioUsesTheExtent_keepsItUntilIoHasEnded()
            throws AddressSpaceException, IOException, InterruptedException, ExecutionException {
        assumeFalse(AddressSpace.MAPPED);
        int[] all = IntStream.range(0, 48).toArray();
        PageSpace space = PageSpace.reserve(48);
        try (Arena arena = Arena.ofShared();
                Connection connection = Connection.open()) {
            for (int page : all) {
                space.commit(page);
            }
            MemorySegment view = space.view(20, arena);
            Future<Integer> reading = connection.client.read(view.asByteBuffer());

            assertThat(space.tryDecommit(all, 0, 48))
                    .as("the extent of page 20")
                    .containsExactly(IntStream.range(16, 32).toArray());
            assertThat(space.residentBytes()).isEqualTo(16L * PAGE);
            assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).as("still there").isZero();

            connection.server.write(ByteBuffer.wrap(new byte[] {9})).get();
            assertThat(reading.get()).isEqualTo(1);
            assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 9);
            assertThat(space.tryDecommit(all, 16, 32)).isEmpty();
            assertThat(space.residentBytes()).isZero();
            assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IllegalStateException.class);
        }
        space.close(true);
    }

    @Test
    void decommitWithoutAnswer_ioUsesTheExtent_isRetriedAndCommitsZeros()
            throws AddressSpaceException, IOException, InterruptedException, ExecutionException {
        assumeFalse(AddressSpace.MAPPED);
        PageSpace space = PageSpace.reserve(16);
        try (Arena arena = Arena.ofShared();
                Connection connection = Connection.open()) {
            space.commit(0);
            space.commit(1);
            PageAccess.putLong(space.address(1), 5);
            Future<Integer> reading = connection.client.read(space.view(0, arena).asByteBuffer());

            space.decommit(new int[] {0, 1}, 0, 2);
            assertThat(space.retryFrees()).isEqualTo(2L * PAGE);
            space.commit(1);
            assertThat(PageAccess.getLong(space.address(1))).as("committed again").isZero();
            space.decommit(new int[] {1}, 0, 1);
            space.close(false);
            assertThat(space.residentBytes()).as("IO goes on").isEqualTo(16L * PAGE);
            assertThat(space.retryFrees()).isEqualTo(16L * PAGE);

            connection.server.write(ByteBuffer.wrap(new byte[] {9})).get();
            assertThat(reading.get()).isEqualTo(1);
            assertThat(space.retryFrees()).isZero();
            assertThat(space.residentBytes()).isZero();
        }
    }

    /// Two ends of a connection; a read that has begun uses its buffer until bytes arrive.
    private record Connection(AsynchronousSocketChannel client, AsynchronousSocketChannel server)
            implements AutoCloseable {
        static Connection open() throws IOException, InterruptedException, ExecutionException {
            try (AsynchronousServerSocketChannel listener =
                    AsynchronousServerSocketChannel.open()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Future<AsynchronousSocketChannel> accepted = listener.accept();
                AsynchronousSocketChannel client = AsynchronousSocketChannel.open();
                client.connect(listener.getLocalAddress()).get();
                return new Connection(client, accepted.get());
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }
}
