package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/// Pages without books: addresses, zeros after a decommit, and what becomes of addresses at the
/// end.
class PageSpaceTest {
    private static final int PAGE = PageSpace.PAGE_BYTES;

    @Test
    void pageAt_everyAddress_invertsAddress() throws AddressSpaceException {
        PageSpace space = PageSpace.reserve(300);
        for (int page = 0; page < 300; page++) {
            space.commit(page);
        }
        for (int page = 0; page < 300; page++) {
            long address = space.address(page);
            assertThat(address).isNotZero();
            assertThat(address % PAGE).isZero();
            assertThat(space.pageAt(address)).isEqualTo(page);
            assertThat(space.pageAt(address + 1)).isEqualTo(-1);
        }
        assertThat(space.pageAt(0)).isEqualTo(-1);
        assertThat(space.pageAt(-PAGE)).isEqualTo(-1);
        assertThat(space.pageAt(space.address(299) + PAGE)).isEqualTo(-1);
        space.close(true);
    }

    @Test
    void decommit_anyPattern_zeroesThosePagesAndNoOthers() throws AddressSpaceException {
        SplittableRandom random = new SplittableRandom(11);
        int count = 400;
        PageSpace space = PageSpace.reserve(count);
        BitSet committed = new BitSet();
        for (int round = 0; round < 30; round++) {
            for (int page = 0; page < count; page++) {
                if (!committed.get(page) && random.nextInt(3) > 0) {
                    space.commit(page);
                    committed.set(page);
                    assertThat(PageAccess.getLong(space.address(page)))
                            .as("page %d, fresh", page)
                            .isZero();
                    assertThat(PageAccess.getLong(space.address(page) + PAGE - 8))
                            .as("page %d, fresh", page)
                            .isZero();
                    PageAccess.fill(space.address(page), PAGE, (byte) (page + 1));
                }
            }
            boolean runs = random.nextBoolean();
            int[] gone =
                    committed.stream()
                            .filter(p -> runs ? (p / 50) % 2 == 0 : random.nextBoolean())
                            .toArray();
            Arrays.stream(gone).forEach(committed::clear);

            space.decommit(gone, 0, gone.length);

            committed.stream()
                    .forEach(
                            page ->
                                    assertThat(PageAccess.getByte(space.address(page) + 100))
                                            .isEqualTo((byte) (page + 1)));
            assertThat(space.residentBytes())
                    .isBetween((long) committed.cardinality() * PAGE, (long) count * PAGE);
        }
        space.close(true);
    }

    @Test
    void close_inOrder_letsTheAddressesToTheNextSpaceThatFits() throws AddressSpaceException {
        assumeTrue(AddressSpace.MAPPED);
        PageSpace first = PageSpace.reserve(5_000);
        long address = first.address(0);
        first.close(true);

        PageSpace second = PageSpace.reserve(4_990);
        assertThat(second.address(0)).isEqualTo(address);
        second.close(true);
    }

    @Test
    void close_withUsersLeft_retiresTheAddressesWhichStayHarmless() throws AddressSpaceException {
        assumeTrue(AddressSpace.MAPPED);
        PageSpace first = PageSpace.reserve(7_000);
        first.commit(0);
        long stale = first.address(0);
        PageAccess.putLong(stale, 5);
        first.close(false);

        PageSpace second = PageSpace.reserve(7_000);
        assertThat(second.address(0)).isNotEqualTo(stale);
        assertThat(PageAccess.getLong(stale)).as("given back").isZero();
        PageAccess.putLong(stale, 6);
        second.close(true);
    }

    @Test
    void access_afterItsChunkWasFreed_throws() throws AddressSpaceException {
        assumeFalse(AddressSpace.MAPPED);
        PageSpace space = PageSpace.reserve(200);
        space.commit(0);
        space.commit(199);
        long first = space.address(0);
        long last = space.address(199);
        assertThat(space.residentBytes())
                .as("a chunk, and one cut to 8 pages")
                .isEqualTo(24L * PAGE);

        space.decommit(new int[] {0}, 0, 1);

        assertThat(space.residentBytes()).isEqualTo(8L * PAGE);
        assertThatThrownBy(() -> ChunkTable.chunkOf(first))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "page address 0x"
                                + Long.toHexString(first)
                                + " has no memory: its page was released and decommitted, or never"
                                + " allocated.");
        space.close(false);
        assertThatThrownBy(() -> ChunkTable.chunkOf(last))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ChunkTable.chunkOf(-1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ChunkTable.chunkOf(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isInsidePage_inTheLastChunk_endsWithItsMemory() throws AddressSpaceException {
        assumeFalse(AddressSpace.MAPPED);
        PageSpace space = PageSpace.reserve(17);
        space.commit(16);
        long last = space.address(16);
        assertThat(AddressSpace.isInsidePage(last + PAGE - 8, 8)).isTrue();
        assertThat(AddressSpace.isInsidePage(last + PAGE, 1)).as("no page 17").isFalse();
        space.close(true);
    }

    @Test
    void poison_thenOneByteWritten_tellsWhichByte() throws AddressSpaceException {
        SplittableRandom random = new SplittableRandom(3);
        PageSpace space = PageSpace.reserve(3);
        for (int page = 0; page < 3; page++) {
            space.commit(page);
        }
        for (int round = 0; round < 200; round++) {
            space.poison(1);
            assertThat(space.checkPoison(1)).isEqualTo(-1);
            assertThat(PageAccess.getByte(space.address(1) + random.nextInt(PAGE)))
                    .isEqualTo((byte) 0xA5);
            int at = round < 8 ? round : round < 16 ? PAGE - 1 - round % 8 : random.nextInt(PAGE);
            int later = at + random.nextInt(PAGE - at);
            PageAccess.putByte(space.address(1) + later, (byte) 0);
            PageAccess.putByte(space.address(1) + at, (byte) (0xA5 ^ 1 << random.nextInt(8)));

            assertThat(space.checkPoison(1)).isEqualTo(at);
        }
        assertThat(PageAccess.getLong(space.address(0) + PAGE - 8)).as("neighbour").isZero();
        assertThat(PageAccess.getLong(space.address(2))).as("neighbour").isZero();
        space.close(true);
    }

    @Test
    void modeOnlyCalls_inTheOtherMode_changeNothing() throws AddressSpaceException {
        assumeFalse(AddressSpace.MAPPED);
        PageSpace space = PageSpace.reserve(64);
        space.commit(0);
        PageAccess.putLong(space.address(0), 3);

        assertThat(space.guard(0)).isFalse();
        space.unguard(0);
        assertThat(space.preferHuge(0)).isFalse();

        assertThat(PageAccess.getLong(space.address(0))).isEqualTo(3);
        assertThat(space.residentBytes()).isEqualTo(16L * PAGE);
        space.close(true);
    }

    @Test
    void chunkMemory_withoutAMapping_isZerosAllTheSame() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment chunk =
                    ChunkMemory.allocate(ChunkTable.CHUNK_BYTES, arena, /* mapping= */ false);
            assertThat(chunk.byteSize()).isEqualTo(ChunkTable.CHUNK_BYTES);
            for (long at = 0; at < chunk.byteSize(); at += 8) {
                assertThat(chunk.get(ValueLayout.JAVA_LONG, at)).isZero();
            }
        }
        assertThat(ChunkTable.mappingsMax(KernelFacts.none())).isEqualTo(1 << 17);
        assertThat(ChunkTable.mappingsMax(new KernelFacts(4096, "never", 0, 0, 65_530, -1)))
                .as("half of what the process may have")
                .isEqualTo(32_765);
    }
}
