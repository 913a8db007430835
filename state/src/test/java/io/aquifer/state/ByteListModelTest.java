package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryUseException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Random calls on a [ByteList] against an [ArrayList] as the model.
///
/// Goal: the list answers as the model does, holds exactly the pages it says, and is unchanged by
/// an append that throws.
class ByteListModelTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_anyLengths_answerAsTheModel(long seed) {
        assertThat(run(seed, 4096, 40_000)).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_budgetOfAFewPages_exhaustsAndStaysAsTheModel(long seed) {
        for (int pages = 1; pages <= 9; pages++) {
            assertThat(run(seed + pages, pages, 4_000)).as("refusals").isPositive();
        }
    }

    /// Returns how many appends were refused.
    private static int run(long seed, int pages, int steps) {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> model = new ArrayList<>();
        int refused = 0;
        try (TestPages source = new TestPages(pages);
                ByteList list = new ByteList(source)) {
            ByteSlot slot = new ByteSlot();
            for (int step = 0; step < steps; step++) {
                byte[] record = record(random, pages);
                try {
                    list.append(record, 0, record.length);
                    model.add(record);
                } catch (MemoryExhaustedException expected) {
                    refused++;
                }
                if (random.nextInt(3_000) == 0) {
                    list.clear();
                    model.clear();
                }
                assertThat(list.size()).isEqualTo(model.size());
                assertThat(source.held()).isEqualTo(list.pageCount());
                if (!model.isEmpty()) {
                    int at = random.nextInt(model.size());
                    list.get(at, slot);
                    Bytes.assertSame(slot.toByteArray(), model.get(at));
                }
            }
            assertSame(list, model);
        }
        return refused;
    }

    private static byte[] record(SplittableRandom random, int pages) {
        int kind = random.nextInt(100);
        int length =
                kind < 10
                        ? 0
                        : kind < 97
                                ? random.nextInt(200)
                                : random.nextInt(Math.min(pages, 3) * 40_000);
        byte[] record = new byte[length];
        random.nextBytes(record);
        return record;
    }

    private static void assertSame(ByteList list, List<byte[]> model) {
        ByteSlot slot = new ByteSlot();
        assertThat(list.size()).isEqualTo(model.size());
        for (int i = 0; i < model.size(); i++) {
            list.get(i, slot);
            Bytes.assertSame(slot.toByteArray(), model.get(i));
        }
    }

    @Test
    void append_anyPageRequestRefused_changesNothingAndSucceedsWhenRepeated() {
        byte[][] records = {{}, new byte[100], new byte[200_000], {1}, new byte[32_768], {}};
        int refusals = 0;
        for (int nth = 1; ; nth++) {
            try (TestPages source = new TestPages(100);
                    ByteList list = new ByteList(source)) {
                List<byte[]> model = new ArrayList<>();
                source.refuse(nth);
                for (byte[] record : records) {
                    try {
                        list.append(record, 0, record.length);
                    } catch (MemoryExhaustedException expected) {
                        assertSame(list, model);
                        assertThat(source.held()).isEqualTo(list.pageCount());
                        list.append(record, 0, record.length);
                    }
                    model.add(record);
                    assertSame(list, model);
                }
                if (!source.refused()) {
                    break;
                }
                refusals++;
            }
        }
        assertThat(refusals).as("page requests of the calls").isGreaterThanOrEqualTo(9);
    }

    @Test
    void append_recordOfMebibytes_comesBackWhole() {
        byte[] large = new byte[5 << 20];
        new SplittableRandom(4).nextBytes(large);
        try (TestPages source = new TestPages(400);
                ByteList list = new ByteList(source)) {
            ByteSlot slot = new ByteSlot();
            list.append(large, 3, large.length - 3);
            list.append(large, 0, 0);
            list.append(large, 0, large.length);
            list.get(2, slot);
            Bytes.assertSame(slot.toByteArray(), large);
            list.get(1, slot);
            assertThat(slot.length()).isZero();
        }
    }

    @Test
    void misuse_isExplained() {
        try (TestPages source = new TestPages(10)) {
            ByteList list = ByteList.open(source.lease());
            byte[] bytes = {1, 2, 3};
            list.append(bytes, 0, 3);
            assertThatThrownBy(() -> list.get(1, new ByteSlot()))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("Index 1 out of bounds for length 1");
            assertThatThrownBy(() -> list.append(bytes, 2, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            list.close();
            list.close();
            assertThat(list.size()).isZero();
            assertThatThrownBy(() -> list.append(bytes, 0, 3))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessageContaining("state test / table");
        }
    }
}
