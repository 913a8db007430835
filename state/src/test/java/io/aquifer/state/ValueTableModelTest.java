package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Random calls on a [ValueTable] against a [HashMap] as the model.
///
/// Goal: the table answers as the map does, keeps its invariants, gives every page back, and is
/// unchanged by a call that throws. Method: every step comes from one seed; replay with
/// `-Daquifer.test.seed=<seed>`.
class ValueTableModelTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_anySizes_answerAsTheModel(long seed) {
        run(seed, 4096, 30_000, 3_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_manyKeys_answerAsTheModel(long seed) {
        run(seed, 4096, 120_000, 60_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_budgetOfAFewPages_exhaustsAndStaysAsTheModel(long seed) {
        for (int pages = 1; pages <= 12; pages++) {
            run(seed + pages, pages, 8_000, 6_000);
        }
    }

    private static void run(long seed, int pages, int steps, int keyCount) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<ByteBuffer, byte[]> model = new HashMap<>();
        int exhausted = 0;
        try (TestPages source = new TestPages(pages)) {
            try (ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
                ByteSlot slot = new ByteSlot();
                int removals = 35;
                for (int step = 0; step < steps; step++) {
                    if (step % 5_000 == 0) {
                        removals = 10 + random.nextInt(pages <= 12 ? 20 : 80);
                        verify(table, model);
                        assertThat(source.held()).isEqualTo(table.pageCount());
                    }
                    byte[] key = key(random, keyCount);
                    int choice = random.nextInt(200);
                    if (choice < 2 * removals) {
                        assertThat(table.remove(Keys.of(key)))
                                .isEqualTo(model.remove(ByteBuffer.wrap(key)) != null);
                    } else if (choice < 199 || random.nextInt(1_000) != 0) {
                        byte[] value = value(random, pages);
                        try {
                            table.put(Keys.of(key), value, 0, value.length);
                            model.put(ByteBuffer.wrap(key), value);
                        } catch (MemoryExhaustedException expected) {
                            exhausted++;
                        }
                    } else {
                        table.clear();
                        model.clear();
                        assertThat(source.held()).isZero();
                    }
                    assertSame(table, model, key, slot);
                }
                verify(table, model);
                removeAllInIteration(table, random, model);
                verify(table, model);
            }
        }
        assertThat(exhausted > 0).as("exhausted").isEqualTo(pages <= 12);
    }

    private static void removeAllInIteration(
            ValueTable table, SplittableRandom random, Map<ByteBuffer, byte[]> model) {
        for (int round = 0; round < 3; round++) {
            int keep = round == 2 ? 0 : 50;
            int[] visits = new int[1];
            int before = model.size();
            table.forEach(
                    (key, value) -> {
                        visits[0]++;
                        ByteBuffer copy = ByteBuffer.wrap(key.toByteArray());
                        Bytes.assertSame(value.toByteArray(), model.get(copy));
                        if (random.nextInt(100) >= keep) {
                            assertThat(table.remove(Keys.of(key))).isTrue();
                            model.remove(copy);
                        } else if (value.length() > 0) {
                            value.array()[0]++;
                            table.put(Keys.of(key), value.array(), 0, value.length());
                            model.put(copy, value.toByteArray());
                        }
                    });
            assertThat(visits[0]).isEqualTo(before);
            verify(table, model);
        }
        assertThat(table.pageCount()).as("pages of an emptied table").isLessThanOrEqualTo(2);
    }

    private static void assertSame(
            ValueTable table, Map<ByteBuffer, byte[]> model, byte[] key, ByteSlot slot) {
        byte[] expected = model.get(ByteBuffer.wrap(key));
        assertThat(table.get(Keys.of(key), slot)).isEqualTo(expected != null);
        if (expected != null) {
            Bytes.assertSame(slot.toByteArray(), expected);
        }
        assertThat(table.size()).isEqualTo(model.size());
    }

    private static void verify(ValueTable table, Map<ByteBuffer, byte[]> model) {
        TableCheck.verify(table.records);
        Map<ByteBuffer, byte[]> seen = new HashMap<>();
        int[] visits = new int[1];
        table.forEach(
                (key, value) -> {
                    visits[0]++;
                    seen.put(ByteBuffer.wrap(key.toByteArray()), value.toByteArray());
                });
        assertThat(visits[0]).as("visits").isEqualTo(model.size());
        assertThat(seen.keySet().equals(model.keySet())).as("keys").isTrue();
        assertThat(table.size()).isEqualTo(model.size());
        model.forEach((key, value) -> Bytes.assertSame(seen.get(key), value));
    }

    /// Half the keys have eight bytes; the others any length, a few of them longer than a page.
    static byte[] key(SplittableRandom random, int keyCount) {
        int id = random.nextInt(keyCount);
        SplittableRandom shape = new SplittableRandom(id);
        int length =
                switch (shape.nextInt(100)) {
                    case 0 -> shape.nextInt(3) * 20_000;
                    case 1, 2, 3, 4 -> shape.nextInt(500);
                    default -> shape.nextInt(100) < 50 ? 8 : 4 + shape.nextInt(30);
                };
        byte[] key = new byte[length];
        shape.nextBytes(key);
        return key;
    }

    private static byte[] value(SplittableRandom random, int pages) {
        int length =
                switch (random.nextInt(1_000)) {
                    case 0 -> random.nextInt(Math.min(pages, 100) * 40_000);
                    case 1, 2, 3, 4, 5 -> 8_000 + random.nextInt(400);
                    default ->
                            random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(3) * 8;
                };
        byte[] value = new byte[length];
        random.nextBytes(value);
        return value;
    }

    @Test
    void put_nthPageRefused_leavesTheTableAsItWas() {
        byte[] value = new byte[300_000];
        new SplittableRandom(3).nextBytes(value);
        int refusals = 0;
        for (int nth = 1; nth < 80; nth++) {
            try (TestPages source = new TestPages(4096);
                    ValueTable table = new ValueTable(source, Keys.ROUTING, null)) {
                Map<ByteBuffer, byte[]> model = new HashMap<>();
                source.refuse(nth);
                int i = 0;
                while (!source.refused() && i < 40_000) {
                    byte[] key = ByteBuffer.allocate(8).putLong(i).array();
                    int length = i % 8_000 == 7_999 ? value.length : i % 100;
                    try {
                        table.put(Keys.of(key), value, 0, length);
                        model.put(ByteBuffer.wrap(key), Arrays.copyOf(value, length));
                        i++;
                    } catch (MemoryExhaustedException expected) {
                        refusals++;
                        verify(table, model);
                        table.put(Keys.of(key), value, 0, length);
                        model.put(ByteBuffer.wrap(key), Arrays.copyOf(value, length));
                    }
                }
                verify(table, model);
            }
        }
        assertThat(refusals).isGreaterThan(70);
    }

    @Test
    void put_valueOfSeveralMebibytes_comesBackWhole() {
        byte[] value = new byte[7 << 20];
        new SplittableRandom(5).nextBytes(value);
        try (TestPages source = new TestPages(1_000);
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
            byte[] key = {1};
            ByteSlot slot = new ByteSlot();
            for (int length :
                    new int[] {
                        value.length, value.length - 3, 5, 8_184, 8_185, 16_368, value.length
                    }) {
                table.put(Keys.of(key), value, 0, length);
                assertThat(table.get(Keys.of(key), slot)).isTrue();
                assertThat(slot.toByteArray()).isEqualTo(Arrays.copyOf(value, length));
            }
        }
    }

    /// All have one routing, so that only lengths and bytes tell them apart; the long ones have
    /// pages of their own.
    @Test
    void get_collidingKeysOfAnyLength_areToldApart() {
        KeyRouting colliding = KeyRouting.colliding(1, 0, 0);
        try (TestPages source = new TestPages(100);
                ValueTable table = new ValueTable(source, colliding, null)) {
            int[] lengths = {0, 1, 8, 4_095, 4_096, 5_000, 40_000};
            ByteSlot slot = new ByteSlot();
            for (int length : lengths) {
                StateKey key = Keys.of(new byte[length], colliding);
                assertThat(table.get(key, slot)).isFalse();
                byte[] value = {(byte) (length >> 8), (byte) length};
                table.put(key, value, 0, 2);
            }
            for (int length : lengths) {
                assertThat(table.get(Keys.of(new byte[length], colliding), slot)).isTrue();
                assertThat(slot.toByteArray()).containsExactly((byte) (length >> 8), (byte) length);
            }
            assertThat(table.size()).isEqualTo(lengths.length);
        }
    }

    @Test
    void call_afterClose_throws() {
        try (TestPages source = new TestPages(10)) {
            ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING);
            byte[] key = new byte[8];
            table.put(Keys.of(key), key, 0, 8);
            table.close();
            table.close();
            assertThatThrownBy(() -> table.get(Keys.of(key), new ByteSlot()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "this table was closed and its pages were given back: open another"
                                    + " one");
            assertThatThrownBy(() -> table.put(Keys.of(key), key, 0, 8))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(table::clear).isInstanceOf(IllegalStateException.class);
        }
    }
}
