package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// [SlabPages] against a list of the blocks in use: none overlaps another, each keeps what was
/// written to it, and pages without blocks go back. Replay with `-Daquifer.test.seed=<seed>`.
class SlabPagesTest {
    private record Block(long ref, int bytes, long mark) {}

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void allocateAndFree_inAnyOrder_keepBlocksApart(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestPages pages = new TestPages(2_000)) {
            SlabPages blocks = new SlabPages(pages);
            List<Block> used = new ArrayList<>();
            for (int round = 0; round < 30; round++) {
                int frees = random.nextInt(100);
                for (int step = 0; step < 1_000; step++) {
                    if (random.nextInt(100) >= frees) {
                        used.add(mark(blocks, size(random), random.nextLong()));
                    } else if (!used.isEmpty()) {
                        int at = random.nextInt(used.size());
                        Block block = used.set(at, used.getLast());
                        used.removeLast();
                        check(blocks, block);
                        blocks.free(block.ref(), block.bytes());
                    }
                }
                used.forEach(block -> check(blocks, block));
                assertThat(pages.held()).isEqualTo(blocks.pageCount());
                assertApart(blocks, used);
            }
            used.forEach(block -> blocks.free(block.ref(), block.bytes()));
            assertThat(pages.held()).as("the page that is kept").isEqualTo(1);
            blocks.clear();
        }
    }

    private static int size(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> 1 + random.nextInt(SlabPages.LARGEST);
            case 1 -> 1_024;
            default -> 8 + random.nextInt(60);
        };
    }

    private static Block mark(SlabPages blocks, int bytes, long mark) {
        long ref = blocks.allocate(bytes);
        assertThat(ref).isPositive().isLessThanOrEqualTo(SlabPages.REF_MASK);
        putLong(blocks.address(ref), mark);
        putLong(blocks.address(ref) + Math.max(8, bytes) - 8, mark);
        return new Block(ref, bytes, mark);
    }

    private static void check(SlabPages blocks, Block block) {
        long address = blocks.address(block.ref());
        assertThat(getLong(address + Math.max(8, block.bytes()) - 8)).isEqualTo(block.mark());
    }

    private static void assertApart(SlabPages blocks, List<Block> used) {
        Set<Long> words = new HashSet<>();
        for (Block block : used) {
            long address = blocks.address(block.ref());
            for (int at = 0; at < block.bytes(); at += 8) {
                if (!words.add(address + at)) {
                    throw new AssertionError(block + " overlaps another block");
                }
            }
        }
    }

    @Test
    void blocksOfANode_beginWithACacheLine() {
        try (TestPages pages = new TestPages(10)) {
            SlabPages blocks = new SlabPages(pages);
            for (int i = 0; i < 64; i++) {
                assertThat(blocks.address(blocks.allocate(TimeNode.BYTES)) % 64).isZero();
            }
            assertThat(blocks.pageCount()).isEqualTo(2);
            blocks.clear();
        }
    }

    @Test
    void allocate_refused_changesNothing() {
        try (TestPages pages = new TestPages(2)) {
            SlabPages blocks = new SlabPages(pages);
            long first = blocks.allocate(8_192);
            blocks.allocate(24);
            assertThatThrownBy(() -> blocks.allocate(1_024))
                    .isInstanceOf(MemoryExhaustedException.class);
            assertThat(blocks.pageCount()).isEqualTo(2);
            blocks.free(first, 8_192);
            assertThat(blocks.allocate(1_024)).isPositive();
            blocks.clear();
        }
    }
}
