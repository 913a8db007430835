package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryScope;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// Random calls on lists and maps that are many times larger than their memory against collections
/// of the heap.
///
/// Goal: parts in memory and parts on disk read as one, in order, and in the end no page and no
/// file is left. Method: every step comes from one seed.
class SpilledCollectionsModelTest {
    private static final KeyRouting ROUTING = Keys.ROUTING;

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void lists_manyTimesMemory_readAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int pages : new int[] {32, 64}) {
            Map<ByteBuffer, List<byte[]>> model = new HashMap<>();
            try (SpillingPages memory = new SpillingPages(pages);
                    ListTable table =
                            ListTable.open(
                                    memory.lease("lists"),
                                    ROUTING,
                                    memory.spill(),
                                    memory.description(Kind.LIST, ROUTING));
                    MemoryScope.Registration registered = memory.register(table)) {
                assertThat(registered).isNotNull();
                ListCursor cursor = table.newCursor();
                for (int step = 0; step < 40_000; step++) {
                    byte[] key = key(random.nextInt(pages * 100));
                    listStep(table, model, random, key);
                    if (step % 7 == 0) {
                        assertList(model, cursor, key);
                    }
                }
                assertThat(memory.files.bytesWritten).isPositive();
                TableCheck.verify(table.records);
                Set<ByteBuffer> seen = new HashSet<>();
                table.forEachKey(
                        key -> {
                            assertThat(seen.add(ByteBuffer.wrap(key.toByteArray()))).isTrue();
                            assertList(model, cursor, key.toByteArray());
                        });
                assertThat(seen.equals(model.keySet())).as("keys").isTrue();
            }
        }
    }

    static void listStep(
            ListTable table,
            Map<ByteBuffer, List<byte[]>> model,
            SplittableRandom random,
            byte[] key) {
        int choice = random.nextInt(100);
        if (choice < 85) {
            byte[] element = bytes(random, random.nextInt(400) == 0 ? 9_000 : random.nextInt(40));
            table.append(Keys.of(key), element, 0, element.length);
            model.computeIfAbsent(ByteBuffer.wrap(key), k -> new ArrayList<>()).add(element);
        } else if (choice < 92) {
            table.clear(Keys.of(key));
            model.remove(ByteBuffer.wrap(key));
        } else {
            List<byte[]> elements = new ArrayList<>();
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                elements.add(bytes(random, random.nextInt(30)));
            }
            int[] next = new int[1];
            table.replace(
                    Keys.of(key),
                    out -> {
                        if (next[0] == elements.size()) {
                            return false;
                        }
                        byte[] element = elements.get(next[0]++);
                        out.set(element, 0, element.length);
                        return true;
                    });
            model.put(ByteBuffer.wrap(key), elements);
        }
    }

    private static void assertList(
            Map<ByteBuffer, List<byte[]>> model, ListCursor cursor, byte[] key) {
        List<byte[]> expected = model.getOrDefault(ByteBuffer.wrap(key), List.of());
        ByteSlot slot = new ByteSlot();
        assertThat(cursor.open(Keys.of(key))).isEqualTo(!expected.isEmpty());
        for (byte[] element : expected) {
            assertThat(cursor.next(slot)).isTrue();
            Bytes.assertSame(slot.toByteArray(), element);
        }
        assertThat(cursor.hasNext()).isFalse();
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void maps_manyTimesMemory_readAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int pages : new int[] {32, 64}) {
            Map<ByteBuffer, Map<ByteBuffer, byte[]>> model = new HashMap<>();
            try (SpillingPages memory = new SpillingPages(pages);
                    MapTable table =
                            MapTable.open(
                                    memory.lease("maps"),
                                    ROUTING,
                                    memory.spill(),
                                    memory.description(Kind.MAP, ROUTING));
                    MemoryScope.Registration registered = memory.register(table)) {
                assertThat(registered).isNotNull();
                MapCursor cursor = table.newCursor();
                for (int step = 0; step < pages * 2_500; step++) {
                    // Few keys have maps that outgrow one record.
                    byte[] key = key(random.nextInt(10) == 0 ? 1 : random.nextInt(pages * 40));
                    mapStep(table, model, random, key);
                    if (step % 500 == 0) {
                        assertMap(model, cursor, key);
                    }
                }
                assertThat(memory.files.bytesWritten).isPositive();
                TableCheck.verify(table.records);
                Set<ByteBuffer> seen = new HashSet<>();
                table.forEachKey(
                        key -> assertThat(seen.add(ByteBuffer.wrap(key.toByteArray()))).isTrue());
                assertThat(seen.equals(model.keySet())).as("keys").isTrue();
                for (ByteBuffer key : seen) {
                    assertMap(model, cursor, key.array());
                }
            }
        }
    }

    static void mapStep(
            MapTable table,
            Map<ByteBuffer, Map<ByteBuffer, byte[]>> model,
            SplittableRandom random,
            byte[] key) {
        Map<ByteBuffer, byte[]> map =
                model.computeIfAbsent(ByteBuffer.wrap(key), k -> new LinkedHashMap<>());
        byte[] user =
                key(1_000_000 + random.nextInt(java.util.Arrays.equals(key(1), key) ? 3_000 : 60));
        int choice = random.nextInt(1_000);
        if (choice < 700) {
            byte[] value = bytes(random, random.nextInt(5) == 0 ? random.nextInt(60) : 12);
            table.put(Keys.of(key), user, 0, user.length, value, 0, value.length);
            map.put(ByteBuffer.wrap(user), value);
        } else if (choice < 850) {
            assertThat(table.remove(Keys.of(key), user, 0, user.length))
                    .isEqualTo(map.remove(ByteBuffer.wrap(user)) != null);
        } else if (choice < 997) {
            byte[] expected = map.get(ByteBuffer.wrap(user));
            ByteSlot slot = new ByteSlot();
            assertThat(table.get(Keys.of(key), user, 0, user.length, slot))
                    .isEqualTo(expected != null);
            if (expected != null) {
                Bytes.assertSame(slot.toByteArray(), expected);
            }
        } else {
            table.clear(Keys.of(key));
            map.clear();
        }
        if (map.isEmpty()) {
            model.remove(ByteBuffer.wrap(key));
        }
    }

    private static void assertMap(
            Map<ByteBuffer, Map<ByteBuffer, byte[]>> model, MapCursor cursor, byte[] key) {
        Map<ByteBuffer, byte[]> expected = model.getOrDefault(ByteBuffer.wrap(key), Map.of());
        ByteSlot slot = new ByteSlot();
        assertThat(cursor.open(Keys.of(key))).isEqualTo(!expected.isEmpty());
        expected.forEach(
                (user, value) -> {
                    assertThat(cursor.next()).isTrue();
                    cursor.readKey(slot);
                    Bytes.assertSame(slot.toByteArray(), user.array());
                    cursor.readValue(slot);
                    Bytes.assertSame(slot.toByteArray(), value);
                });
        assertThat(cursor.hasNext()).isFalse();
    }

    static byte[] key(int id) {
        SplittableRandom shape = new SplittableRandom(id);
        return bytes(shape, shape.nextBoolean() ? 8 : 3 + shape.nextInt(20));
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
