package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Random calls on a [ListTable] against a map of lists as the model.
///
/// Goal: the table answers as the map does, keeps its invariants, gives every page back, and is
/// unchanged by a call that throws. Method: every step comes from one seed; replay with
/// `-Daquifer.test.seed=<seed>`.
class ListTableModelTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_anySizes_answerAsTheModel(long seed) {
        run(seed, 8_192, 40_000, 2_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_budgetOfAFewPages_exhaustsAndStaysAsTheModel(long seed) {
        for (int pages = 1; pages <= 8; pages++) {
            run(seed + pages, pages, 6_000, 300);
        }
    }

    private static void run(long seed, int pages, int steps, int keyCount) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<ByteBuffer, List<byte[]>> model = new HashMap<>();
        int exhausted = 0;
        try (TestPages source = new TestPages(pages);
                ListTable table = ListTable.open(source.lease(), Keys.ROUTING)) {
            ListCursor cursor = table.newCursor();
            for (int step = 0; step < steps; step++) {
                byte[] key = key(random.nextInt(keyCount));
                try {
                    step(table, model, random, key);
                } catch (MemoryExhaustedException expected) {
                    exhausted++;
                }
                assertSame(table, model, key, cursor);
                if (step % 4_000 == 0) {
                    verify(table, model, cursor);
                    assertThat(source.held()).isEqualTo(table.pageCount());
                }
            }
            verify(table, model, cursor);
            table.forEachKey(key -> assertThat(table.clear(Keys.of(key))).isTrue());
            model.clear();
            verify(table, model, cursor);
            assertThat(table.pageCount()).isLessThanOrEqualTo(2);
        }
        assertThat(exhausted > 0).as("exhausted").isEqualTo(pages <= 8);
    }

    private static void step(
            ListTable table,
            Map<ByteBuffer, List<byte[]>> model,
            SplittableRandom random,
            byte[] key) {
        ByteBuffer wrapped = ByteBuffer.wrap(key);
        int choice = random.nextInt(100);
        if (choice < 80) {
            byte[] element = element(random);
            table.append(Keys.of(key), element, 0, element.length);
            model.computeIfAbsent(wrapped, k -> new ArrayList<>()).add(element);
        } else if (choice < 90) {
            assertThat(table.clear(Keys.of(key))).isEqualTo(model.remove(wrapped) != null);
        } else {
            List<byte[]> elements = new ArrayList<>();
            for (int i = random.nextInt(30); i > 0; i--) {
                elements.add(element(random));
            }
            table.replace(Keys.of(key), sourceOf(elements));
            model.remove(wrapped);
            if (!elements.isEmpty()) {
                model.put(wrapped, elements);
            }
        }
    }

    private static ElementSource sourceOf(List<byte[]> elements) {
        Iterator<byte[]> rest = elements.iterator();
        return out -> {
            if (!rest.hasNext()) {
                return false;
            }
            byte[] element = rest.next();
            out.set(element, 0, element.length);
            return true;
        };
    }

    private static void assertSame(
            ListTable table, Map<ByteBuffer, List<byte[]>> model, byte[] key, ListCursor cursor) {
        List<byte[]> expected = model.getOrDefault(ByteBuffer.wrap(key), List.of());
        assertThat(cursor.open(Keys.of(key))).isEqualTo(!expected.isEmpty());
        assertThat(cursor.hasNext()).isEqualTo(!expected.isEmpty());
        ByteSlot slot = new ByteSlot();
        for (byte[] element : expected) {
            if (!cursor.next(slot)) {
                throw new AssertionError("the list ends too early");
            }
            Bytes.assertSame(slot.toByteArray(), element);
        }
        assertThat(cursor.next(slot)).isFalse();
    }

    private static void verify(
            ListTable table, Map<ByteBuffer, List<byte[]>> model, ListCursor cursor) {
        TableCheck.verify(table.records);
        assertThat(table.size()).isEqualTo(model.size());
        int[] keys = new int[1];
        table.forEachKey(
                key -> {
                    keys[0]++;
                    assertThat(model).containsKey(ByteBuffer.wrap(key.toByteArray()));
                });
        assertThat(keys[0]).isEqualTo(model.size());
        model.forEach((key, elements) -> assertSame(table, model, key.array(), cursor));
    }

    private static byte[] key(int id) {
        SplittableRandom shape = new SplittableRandom(id);
        byte[] key = new byte[id % 3 == 0 ? 8 : id % 300 == 1 ? 9_000 : 3 + shape.nextInt(40)];
        shape.nextBytes(key);
        return key;
    }

    private static byte[] element(SplittableRandom random) {
        byte[] element =
                new byte
                        [switch (random.nextInt(500)) {
                            case 0 -> random.nextInt(60_000);
                            case 1, 2, 3, 4 -> 8_150 + random.nextInt(80);
                            default ->
                                    random.nextInt(10) == 0
                                            ? random.nextInt(600)
                                            : random.nextInt(20);
                        }];
        random.nextBytes(element);
        return element;
    }

    @Test
    void appendAndReplace_nthPageRefused_leavesTheTableAsItWas() {
        int refusals = 0;
        for (int nth = 1; nth < 60; nth++) {
            Map<ByteBuffer, List<byte[]>> model = new HashMap<>();
            SplittableRandom random = new SplittableRandom(nth);
            try (TestPages source = new TestPages(4_096);
                    ListTable table = new ListTable(source, Keys.ROUTING, null)) {
                ListCursor cursor = table.newCursor();
                source.refuse(nth);
                while (!source.refused()) {
                    try {
                        step(table, model, random, key(random.nextInt(20_000)));
                    } catch (MemoryExhaustedException expected) {
                        refusals++;
                        verify(table, model, cursor);
                    }
                }
                step(table, model, random, key(1));
                verify(table, model, cursor);
            }
        }
        assertThat(refusals).isEqualTo(59);
    }

    @Test
    void replace_sourceThrows_keepsTheListOfBefore() {
        try (TestPages source = new TestPages(100);
                ListTable table = ListTable.open(source.lease(), Keys.ROUTING)) {
            byte[] key = {1};
            table.append(Keys.of(key), key, 0, 1);
            int pages = table.pageCount();
            int[] calls = new int[1];
            assertThatThrownBy(
                            () ->
                                    table.replace(
                                            Keys.of(key),
                                            out -> {
                                                if (calls[0]++ == 1_000) {
                                                    throw new IllegalArgumentException(
                                                            "bad element");
                                                }
                                                out.resize(2_000);
                                                return true;
                                            }))
                    .hasMessage("bad element");
            assertThat(table.pageCount())
                    .as("at most one empty page is kept")
                    .isLessThanOrEqualTo(pages + 1);
            assertThatThrownBy(
                            () ->
                                    table.replace(
                                            Keys.of(key),
                                            out -> {
                                                out.resize(2_000);
                                                return true;
                                            }))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageContaining(
                            "cannot allocate 1 page (32.0 KiB) for 'state test / table'");
            assertThat(table.pageCount()).isLessThanOrEqualTo(pages + 1);
            assertThat(table.contains(Keys.of(key))).isTrue();
        }
    }

    @Test
    void next_listChangedSinceOpen_seesAppendsNotAndThrowsAfterReplace() {
        try (TestPages source = new TestPages(100);
                ListTable table = ListTable.open(source.lease(), Keys.ROUTING)) {
            byte[] key = {1};
            byte[] other = {2};
            for (byte i = 0; i < 100; i++) {
                table.append(Keys.of(key), new byte[] {i}, 0, 1);
            }
            table.append(Keys.of(other), key, 0, 1);
            ListCursor cursor = table.newCursor();
            ByteSlot slot = new ByteSlot();
            assertThat(cursor.open(Keys.of(key))).isTrue();
            assertThat(cursor.next(slot)).isTrue();
            table.append(Keys.of(key), key, 0, 1);
            table.clear(Keys.of(other));
            for (byte i = 1; i < 100; i++) {
                assertThat(cursor.next(slot)).isTrue();
                assertThat(slot.toByteArray()).containsExactly(i);
            }
            assertThat(cursor.next(slot)).isFalse();
            cursor.open(Keys.of(key));
            table.replace(Keys.of(key), sourceOf(List.of(other)));
            assertThatThrownBy(() -> cursor.next(slot))
                    .isInstanceOf(ConcurrentModificationException.class)
                    .hasMessage(
                            "the list was cleared or replaced while a cursor had 202 bytes of"
                                    + " it to read: open the cursor again");
        }
    }

    @Test
    void append_millionElementsToOneKey_readsBackInOrder() {
        try (TestPages source = new TestPages(1_000);
                ListTable table = ListTable.open(source.lease(), Keys.ROUTING)) {
            byte[] key = {1};
            byte[] element = new byte[8];
            for (int i = 0; i < 1_000_000; i++) {
                ByteBuffer.wrap(element).putLong(i);
                table.append(Keys.of(key), element, 0, 8);
            }
            ListCursor cursor = table.newCursor();
            cursor.open(Keys.of(key));
            ByteSlot slot = new ByteSlot();
            for (int i = 0; i < 1_000_000; i++) {
                cursor.next(slot);
                if (ByteBuffer.wrap(slot.array()).getLong() != i) {
                    throw new AssertionError("element " + i);
                }
            }
            assertThat(table.pageCount())
                    .as("9 bytes per element")
                    .isLessThan(9_000_000 / 32_768 + 5);
        }
    }
}
