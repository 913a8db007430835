package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Random calls on a [MapTable] against a map of linked maps as the model.
///
/// Goal: the table answers as the map does, in the same order, keeps its invariants, gives every
/// page back, and is unchanged by a call that throws. Method: every step comes from one seed;
/// replay with `-Daquifer.test.seed=<seed>`.
class MapTableModelTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_anySizes_answerAsTheModel(long seed) {
        run(seed, 8_192, 60_000, 300);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_budgetOfAFewPages_exhaustsAndStaysAsTheModel(long seed) {
        for (int pages = 1; pages <= 8; pages++) {
            run(seed + pages, pages, 8_000, 1_000);
        }
    }

    private static void run(long seed, int pages, int steps, int keyCount) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<ByteBuffer, Map<ByteBuffer, byte[]>> model = new HashMap<>();
        int exhausted = 0;
        try (TestPages source = new TestPages(pages);
                MapTable table = MapTable.open(source.lease(), Keys.ROUTING)) {
            MapCursor cursor = table.newCursor();
            for (int step = 0; step < steps; step++) {
                byte[] key = key(random.nextInt(keyCount));
                try {
                    step(table, model, random, key, cursor);
                } catch (MemoryExhaustedException expected) {
                    exhausted++;
                }
                if (step % 50 == 0) {
                    assertSame(table, model, key, cursor);
                }
                if (step % 5_000 == 0) {
                    verify(table, model, cursor);
                    assertThat(source.held()).isEqualTo(table.pageCount());
                }
            }
            verify(table, model, cursor);
            table.forEachKey(key -> assertThat(table.clear(Keys.of(key))).isTrue());
            model.clear();
            verify(table, model, cursor);
            assertThat(table.pageCount()).isLessThanOrEqualTo(3);
        }
        assertThat(exhausted > 0).as("exhausted").isEqualTo(pages <= 8);
    }

    private static void step(
            MapTable table,
            Map<ByteBuffer, Map<ByteBuffer, byte[]>> model,
            SplittableRandom random,
            byte[] key,
            MapCursor cursor) {
        Map<ByteBuffer, byte[]> map =
                model.computeIfAbsent(ByteBuffer.wrap(key), k -> new LinkedHashMap<>());
        byte[] user = key(1_000 + random.nextInt(random.nextInt(20) == 0 ? 2_000 : 30));
        ByteSlot slot = new ByteSlot();
        int choice = random.nextInt(1_000);
        try {
            if (choice < 600) {
                byte[] value = value(random);
                table.put(Keys.of(key), user, 0, user.length, value, 0, value.length);
                map.put(ByteBuffer.wrap(user), value);
            } else if (choice < 800) {
                assertThat(table.remove(Keys.of(key), user, 0, user.length))
                        .isEqualTo(map.remove(ByteBuffer.wrap(user)) != null);
            } else if (choice < 980) {
                byte[] expected = map.get(ByteBuffer.wrap(user));
                assertThat(table.contains(Keys.of(key), user, 0, user.length))
                        .isEqualTo(expected != null);
                assertThat(table.get(Keys.of(key), user, 0, user.length, slot))
                        .isEqualTo(expected != null);
                assertThat(
                                expected == null
                                        || java.util.Arrays.equals(expected, slot.toByteArray()))
                        .isTrue();
            } else if (choice < 985) {
                assertThat(table.clear(Keys.of(key))).isEqualTo(!map.isEmpty());
                map.clear();
            } else {
                walkAndChange(table, map, random, key, cursor);
            }
        } finally {
            if (map.isEmpty()) {
                model.remove(ByteBuffer.wrap(key));
            }
        }
    }

    /// Walks a map and updates or removes the entry it is at, through the cursor or directly, and
    /// entries elsewhere, directly. Every entry that stayed is seen exactly once and in order.
    private static void walkAndChange(
            MapTable table,
            Map<ByteBuffer, byte[]> map,
            SplittableRandom random,
            byte[] key,
            MapCursor cursor) {
        List<ByteBuffer> order = new ArrayList<>(map.keySet());
        ByteSlot slot = new ByteSlot();
        cursor.open(Keys.of(key));
        int at = 0;
        while (cursor.next()) {
            cursor.readKey(slot);
            while (!map.containsKey(order.get(at))) {
                at++;
            }
            ByteBuffer user = order.get(at);
            assertThat(slot.toByteArray()).isEqualTo(user.array());
            cursor.readValue(slot);
            assertThat(slot.toByteArray()).isEqualTo(map.get(user));
            byte[] value = value(random);
            switch (random.nextInt(8)) {
                case 0 -> {
                    cursor.remove();
                    map.remove(user);
                }
                case 1 -> {
                    cursor.update(value, 0, value.length);
                    map.put(user, value);
                }
                case 2 -> {
                    table.remove(Keys.of(key), user.array(), 0, user.array().length);
                    map.remove(user);
                }
                case 3 -> {
                    table.put(
                            Keys.of(key),
                            user.array(),
                            0,
                            user.array().length,
                            value,
                            0,
                            value.length);
                    map.put(user, value);
                    cursor.readValue(slot);
                    assertThat(slot.toByteArray()).isEqualTo(value);
                }
                case 4 -> {
                    byte[] other = order.get(random.nextInt(order.size())).array();
                    if (other != user.array() && map.containsKey(ByteBuffer.wrap(other))) {
                        table.put(Keys.of(key), other, 0, other.length, value, 0, value.length);
                        map.put(ByteBuffer.wrap(other), value);
                    }
                }
                case 5 -> {
                    byte[] other = order.get(random.nextInt(order.size())).array();
                    if (other != user.array()) {
                        assertThat(table.remove(Keys.of(key), other, 0, other.length))
                                .isEqualTo(map.remove(ByteBuffer.wrap(other)) != null);
                    }
                }
                default -> {}
            }
            at++;
        }
        while (at < order.size()) {
            assertThat(map).as("entry not seen").doesNotContainKey(order.get(at++));
        }
    }

    private static void assertSame(
            MapTable table,
            Map<ByteBuffer, Map<ByteBuffer, byte[]>> model,
            byte[] key,
            MapCursor cursor) {
        Map<ByteBuffer, byte[]> expected = model.getOrDefault(ByteBuffer.wrap(key), Map.of());
        assertThat(table.isEmpty(Keys.of(key))).isEqualTo(expected.isEmpty());
        assertThat(table.count(Keys.of(key))).isEqualTo(expected.size());
        assertThat(cursor.open(Keys.of(key))).isEqualTo(!expected.isEmpty());
        ByteSlot slot = new ByteSlot();
        expected.forEach(
                (user, value) -> {
                    if (!cursor.hasNext() || !cursor.next()) {
                        throw new AssertionError("the map ends too early");
                    }
                    cursor.readKey(slot);
                    Bytes.assertSame(slot.toByteArray(), user.array());
                    cursor.readValue(slot);
                    Bytes.assertSame(slot.toByteArray(), value);
                });
        assertThat(cursor.next()).isFalse();
    }

    private static void verify(
            MapTable table, Map<ByteBuffer, Map<ByteBuffer, byte[]>> model, MapCursor cursor) {
        TableCheck.verify(table.records);
        assertThat(table.size()).isEqualTo(model.size());
        table.forEachKey(key -> assertThat(model).containsKey(ByteBuffer.wrap(key.toByteArray())));
        model.keySet().forEach(key -> assertSame(table, model, key.array(), cursor));
    }

    private static byte[] key(int id) {
        SplittableRandom shape = new SplittableRandom(id);
        byte[] key = new byte[id % 3 == 0 ? 8 : id % 300 == 1 ? 9_000 : 3 + shape.nextInt(40)];
        shape.nextBytes(key);
        return key;
    }

    private static byte[] value(SplittableRandom random) {
        byte[] value =
                new byte
                        [random.nextInt(2_000) == 0
                                ? random.nextInt(60_000)
                                : random.nextInt(10) == 0
                                        ? random.nextInt(600)
                                        : random.nextInt(20)];
        random.nextBytes(value);
        return value;
    }

    @Test
    void put_nthPageRefused_leavesTheTableAsItWas() {
        int refusals = 0;
        for (int nth = 1; nth < 60; nth++) {
            Map<ByteBuffer, Map<ByteBuffer, byte[]>> model = new HashMap<>();
            SplittableRandom random = new SplittableRandom(nth);
            try (TestPages source = new TestPages(4_096);
                    MapTable table = new MapTable(source, Keys.ROUTING, null)) {
                MapCursor cursor = table.newCursor();
                source.refuse(nth);
                while (!source.refused()) {
                    try {
                        step(table, model, random, key(random.nextInt(20_000)), cursor);
                    } catch (MemoryExhaustedException expected) {
                        refusals++;
                        verify(table, model, cursor);
                    }
                }
                step(table, model, random, key(1), cursor);
                verify(table, model, cursor);
            }
        }
        assertThat(refusals).isEqualTo(59);
    }

    @Test
    void next_entriesAroundTheCursorRemoved_goesOnWithThoseLeft() {
        for (int entries : new int[] {4, 400}) {
            try (TestPages source = new TestPages(100);
                    MapTable table = MapTable.open(source.lease(), Keys.ROUTING)) {
                StateKey owner = Keys.of(new byte[] {1});
                for (int i = 0; i < entries; i++) {
                    table.put(owner, user(i), 0, 4, user(i), 0, 4);
                }
                ByteSlot slot = new ByteSlot();
                MapCursor cursor = table.newCursor();
                cursor.open(owner);
                cursor.next();
                table.remove(owner, user(0), 0, 4);
                table.remove(owner, user(1), 0, 4);
                assertThatThrownBy(() -> cursor.readValue(slot))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "the entry of the cursor was removed from the map: call next()"
                                        + " first");
                assertThat(cursor.next()).isTrue();
                cursor.readKey(slot);
                assertThat(slot.toByteArray()).isEqualTo(user(2));
                table.clear(owner);
                assertThat(cursor.hasNext()).isFalse();
                assertThat(cursor.next()).isFalse();
                assertThatThrownBy(() -> table.newCursor().remove())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "the cursor is at no entry: call next() first, and after each"
                                        + " remove()");
            }
        }
    }

    /// Most of a large map goes while a cursor is in it, so that its directory is made anew.
    @Test
    void next_directoryMadeAnewMeanwhile_seesEachEntryThatStaysOnce() {
        try (TestPages source = new TestPages(1_000);
                MapTable table = MapTable.open(source.lease(), Keys.ROUTING)) {
            StateKey owner = Keys.of(new byte[] {1});
            for (int i = 0; i < 2_000; i++) {
                table.put(owner, user(i), 0, 4, user(i), 0, 4);
            }
            MapCursor cursor = table.newCursor();
            ByteSlot slot = new ByteSlot();
            cursor.open(owner);
            for (int i = 0; i < 100; i++) {
                assertThat(cursor.next()).isTrue();
            }
            long moves = table.moves();
            for (int i = 0; i < 2_000; i++) {
                if (i % 10 != 0) {
                    assertThat(table.remove(owner, user(i), 0, 4)).isTrue();
                }
            }
            assertThat(table.moves()).as("the directory was made anew").isGreaterThan(moves);
            for (int i = 100; i < 2_000; i += 10) {
                assertThat(cursor.next()).isTrue();
                cursor.readKey(slot);
                assertThat(slot.toByteArray()).isEqualTo(user(i));
            }
            assertThat(cursor.next()).isFalse();
            assertThat(table.count(owner)).isEqualTo(200);
        }
    }

    private static byte[] user(int i) {
        return ByteBuffer.allocate(4).putInt(i).array();
    }
}
