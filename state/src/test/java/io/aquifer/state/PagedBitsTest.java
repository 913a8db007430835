package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.BitSet;
import java.util.SplittableRandom;

/// Random calls on [PagedBits] against a [BitSet] as the model, and its start under every refusal.
class PagedBitsTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_answerAsTheModel(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int size : new int[] {1, 63, 64, 65, 262_144, 262_145, 1 + random.nextInt(900_000)}) {
            BitSet model = new BitSet(size);
            try (TestPages source = new TestPages(10);
                    PagedBits bits = PagedBits.open(source, size)) {
                assertThat(bits.pageCount()).isEqualTo((size + 262_143) / 262_144);
                assertThat(source.held()).isEqualTo(bits.pageCount());
                for (int step = 0; step < 20_000; step++) {
                    int bit = random.nextInt(size);
                    int choice = random.nextInt(10_000);
                    if (choice < 5_000) {
                        assertThat(bits.set(bit)).isEqualTo(!model.get(bit));
                        model.set(bit);
                    } else if (choice < 9_000) {
                        assertThat(bits.clear(bit)).isEqualTo(model.get(bit));
                        model.clear(bit);
                    } else if (choice < 9_999) {
                        assertThat(bits.nextSetBit(bit)).isEqualTo(model.nextSetBit(bit));
                    } else {
                        bits.clear();
                        model.clear();
                    }
                    assertThat(bits.get(bit)).isEqualTo(model.get(bit));
                    assertThat(bits.cardinality()).isEqualTo(model.cardinality());
                }
                assertThat(bits.nextSetBit(size)).isEqualTo(-1);
                assertThat(bits.size()).isEqualTo(size);
            }
        }
    }

    @Test
    void open_onPagesThatWereUsed_hasNoBitSet() {
        try (TestPages source = new TestPages(3)) {
            long page = source.allocate();
            io.aquifer.memory.kernel.PageAccess.fill(page, PageSource.PAGE_BYTES, (byte) -1);
            source.release(page);
            try (PagedBits bits = PagedBits.open(source, 3 * 262_144)) {
                assertThat(bits.nextSetBit(0)).isEqualTo(-1);
            }
        }
    }

    @Test
    void open_anyPageRequestRefused_givesEverythingBack() {
        for (int nth = 1; nth <= 5; nth++) {
            try (TestPages source = new TestPages(10)) {
                source.refuse(nth);
                assertThatThrownBy(() -> PagedBits.open(source, 5 * 262_144))
                        .isInstanceOf(MemoryExhaustedException.class)
                        .hasMessageContaining("cannot allocate 1 page (32.0 KiB) for 'state test");
                assertThat(source.held()).isZero();
            }
        }
    }

    @Test
    void misuse_isExplained() {
        try (TestPages source = new TestPages(10)) {
            for (long size : new long[] {0, -1, PagedBits.SIZE_MAX + 1}) {
                assertThatThrownBy(() -> PagedBits.open(new TestPages(1), size))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "cannot make a set of %,d bits: it has from 1 to %,d"
                                        .formatted(size, PagedBits.SIZE_MAX));
            }
            PagedBits bits = PagedBits.open(source.lease(), 100);
            for (long bit : new long[] {-1, 100, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> bits.get(bit))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage("Index " + bit + " out of bounds for length 100");
                assertThatThrownBy(() -> bits.set(bit))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> bits.clear(bit))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            bits.close();
            bits.close();
            assertThatThrownBy(() -> bits.get(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("these bits were closed and their pages were given back");
            assertThatThrownBy(bits::clear).isInstanceOf(IllegalStateException.class);
        }
    }
}
