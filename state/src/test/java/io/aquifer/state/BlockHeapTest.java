package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.fill;
import static io.aquifer.memory.kernel.PageAccess.getByte;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Random blocks, each filled with a byte of its own that must be there when it is freed.
class BlockHeapTest {
    private record Block(long ref, int bytes, byte mark) {}

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void allocateAndFree_inAnyOrder_neverOverlapAndGiveAllPagesBack(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestPages source = new TestPages(2_000)) {
            BlockHeap heap = new BlockHeap(source);
            List<Block> held = new ArrayList<>();
            int growth = 60;
            for (int step = 0; step < 60_000; step++) {
                if (step % 5_000 == 0) {
                    growth = 30 + random.nextInt(50);
                }
                if (random.nextInt(100) < growth) {
                    int bytes =
                            1 + random.nextInt(random.nextInt(20) == 0 ? SizeClasses.LARGEST : 200);
                    Block block = new Block(heap.allocate(bytes), bytes, (byte) random.nextInt());
                    fill(heap.address(block.ref()), bytes, block.mark());
                    held.add(block);
                } else if (!held.isEmpty()) {
                    int pick = random.nextInt(held.size());
                    free(heap, held.set(pick, held.getLast()));
                    held.removeLast();
                }
                assertThat(source.held()).isEqualTo(heap.pageCount());
            }
            held.forEach(block -> free(heap, block));
            assertThat(heap.pageCount()).as("pages without blocks").isLessThanOrEqualTo(1);
            heap.clear();
        }
    }

    private static void free(BlockHeap heap, Block block) {
        long address = heap.address(block.ref());
        for (int i = 0; i < block.bytes(); i++) {
            if (getByte(address + i) != block.mark()) {
                throw new AssertionError("byte " + i + " of " + block + " was overwritten");
            }
        }
        heap.free(block.ref(), block.bytes());
    }

    @Test
    void holding_anyLength_isTheSmallestClassThatHolds() {
        for (int bytes = 0; bytes <= SizeClasses.LARGEST; bytes++) {
            int sizeClass = SizeClasses.holding(bytes);
            assertThat(SizeClasses.bytes(sizeClass)).isGreaterThanOrEqualTo(bytes);
            assertThat(SizeClasses.bytes(sizeClass) % 8).isZero();
            assertThat(sizeClass == 0 || SizeClasses.bytes(sizeClass - 1) < bytes).isTrue();
            assertThat(SizeClasses.bytes(sizeClass))
                    .isLessThanOrEqualTo(Math.max(16, bytes + 7 + bytes / 8));
        }
        assertThat(SizeClasses.bytes(SizeClasses.COUNT - 1)).isEqualTo(SizeClasses.LARGEST);
    }
}
