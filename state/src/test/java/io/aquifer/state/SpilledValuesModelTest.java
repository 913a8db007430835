package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryScope;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Random calls on a [ValueTable] that is many times larger than its memory against a [HashMap].
///
/// Goal: whatever went to disk, was merged there, came back, was updated or removed in memory over
/// an older value on disk, the table answers as the map does, and in the end no page and no file is
/// left. Method: every step comes from one seed; budgets from 24 pages on.
class SpilledValuesModelTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_stateManyTimesMemory_answerAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int pages : new int[] {24, 40, 64}) {
            run(random.split(), pages, 30_000, Keys.ROUTING);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_collidingRoutings_answerAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        KeyRouting colliding = KeyRouting.colliding(seed, 3, 0xFL << 60);
        run(random.split(), 24, 14_000, colliding);
    }

    private static void run(SplittableRandom random, int pages, int steps, KeyRouting routing)
            throws IOException {
        Map<ByteBuffer, byte[]> model = new HashMap<>();
        try (SpillingPages memory = new SpillingPages(pages);
                ValueTable table =
                        ValueTable.open(
                                memory.lease("values"),
                                routing,
                                memory.spill(),
                                memory.description(Kind.VALUE, routing));
                MemoryScope.Registration registered = memory.register(table)) {
            assertThat(registered).isNotNull();
            ByteSlot slot = new ByteSlot();
            int keyCount = Math.min(steps / 2, pages * 400);
            int removals = 10;
            for (int step = 0; step < steps; step++) {
                if (step % 5_000 == 0) {
                    removals = 5 + random.nextInt(40);
                }
                byte[] bytes = key(random, keyCount);
                StateKey key = Keys.of(bytes, routing);
                int choice = random.nextInt(100);
                if (choice < removals) {
                    table.remove(key);
                    model.remove(ByteBuffer.wrap(bytes));
                } else if (choice < 80) {
                    byte[] value = value(random);
                    table.put(key, value, 0, value.length);
                    model.put(ByteBuffer.wrap(bytes), value);
                }
                assertSame(table, model, bytes, key, slot);
                if (step % 10_000 == 9_999) {
                    verify(table, model);
                }
            }
            verify(table, model);
            assertThat(memory.files.bytesWritten).as("bytes spilled").isPositive();
            assertThat(memory.heldPages()).isLessThanOrEqualTo(pages);
            if (pages >= 60) {
                // The range that is visited stays in memory.
                changeInIteration(table, random, model, routing);
                verify(table, model);
            }
            table.clear();
            model.clear();
            verify(table, model);
            assertThat(memory.heldPages()).isZero();
        }
    }

    private static void changeInIteration(
            ValueTable table,
            SplittableRandom random,
            Map<ByteBuffer, byte[]> model,
            KeyRouting routing) {
        int[] visits = new int[1];
        int[] refused = new int[1];
        int before = model.size();
        table.forEach(
                (key, value) -> {
                    visits[0]++;
                    ByteBuffer copy = ByteBuffer.wrap(key.toByteArray());
                    Bytes.assertSame(value.toByteArray(), model.get(copy));
                    StateKey visited = Keys.of(copy.array(), routing);
                    try {
                        switch (random.nextInt(3)) {
                            case 0 -> {
                                assertThat(table.remove(visited)).isTrue();
                                model.remove(copy);
                            }
                            case 1 -> {
                                byte[] changed = value(random);
                                table.put(visited, changed, 0, changed.length);
                                model.put(copy, changed);
                            }
                            default -> assertThat(table.contains(visited)).isTrue();
                        }
                    } catch (MemoryExhaustedException everythingIsVisited) {
                        // A table of few ranges may have nothing else to give; all is as before.
                        refused[0]++;
                    }
                });
        assertThat(visits[0]).isEqualTo(before);
        assertThat(refused[0]).as("calls refused").isLessThan(before / 2 + 1);
    }

    private static void assertSame(
            ValueTable table,
            Map<ByteBuffer, byte[]> model,
            byte[] bytes,
            StateKey key,
            ByteSlot slot) {
        byte[] expected = model.get(ByteBuffer.wrap(bytes));
        if (table.get(key, slot) != (expected != null)) {
            throw new AssertionError(
                    "key " + bytes.length + " bytes, expected " + (expected != null));
        }
        if (expected != null) {
            Bytes.assertSame(slot.toByteArray(), expected);
        }
    }

    private static void verify(ValueTable table, Map<ByteBuffer, byte[]> model) {
        TableCheck.verify(table.records);
        Map<ByteBuffer, byte[]> seen = new HashMap<>();
        table.forEach(
                (key, value) ->
                        assertThat(
                                        seen.put(
                                                ByteBuffer.wrap(key.toByteArray()),
                                                value.toByteArray()))
                                .as("visited twice")
                                .isNull());
        assertThat(seen.size()).as("keys visited").isEqualTo(model.size());
        assertThat(seen.keySet().equals(model.keySet())).as("keys").isTrue();
        model.forEach((key, value) -> Bytes.assertSame(seen.get(key), value));
    }

    private static byte[] key(SplittableRandom random, int keyCount) {
        int id = random.nextInt(keyCount);
        SplittableRandom shape = new SplittableRandom(id);
        byte[] key =
                new byte
                        [switch (shape.nextInt(200)) {
                            case 0 -> 0;
                            case 1 -> 5_000;
                            default -> shape.nextBoolean() ? 8 : 4 + shape.nextInt(30);
                        }];
        shape.nextBytes(key);
        return key;
    }

    private static byte[] value(SplittableRandom random) {
        byte[] value =
                new byte
                        [switch (random.nextInt(500)) {
                            case 0 -> 20_000;
                            case 1, 2 -> 3_000;
                            default -> random.nextInt(4) == 0 ? random.nextInt(200) : 16;
                        }];
        random.nextBytes(value);
        return value;
    }
}
