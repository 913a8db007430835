package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryScope;
import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Tables that are saved as runs again and again while they change, spill and begin anew.
///
/// Goal: what a snapshot holds is the table at that moment, whatever was evicted, merged, changed
/// or removed before and is after; a table that begins with it goes on as the one before, as a
/// whole or divided by key groups and put together again. Method: random calls from one seed
/// against collections of the heap, in memory for a tenth of the state and for all of it; each
/// snapshot is read back at once, some of them again much later; some are gone on from.
class SnapshotModelTest {
    private static final KeyRouting ROUTING = Keys.ROUTING;
    private static final int GROUPS = 1 << ROUTING.keyGroupBits();

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void values_savedAndBegunAnew_areAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        run(random.split(), 40, new Values());
        run(random.split(), 700, new Values());
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void lists_savedAndBegunAnew_areAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        run(random.split(), 48, new Lists());
        run(random.split(), 700, new Lists());
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void maps_savedAndBegunAnew_areAsTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        run(random.split(), 48, new Maps());
        run(random.split(), 700, new Maps());
    }

    /// A kind of table and the model of one.
    private interface Subject<T extends StateTable> {
        Kind kind();

        T open(SpillingPages memory, TableSpill.Table description, SavedRuns saved)
                throws IOException;

        void step(T table, SplittableRandom random, int pages);

        /// What the model holds now: by key, map keys and values in their order.
        Map<ByteBuffer, List<byte[]>> content();

        /// Makes the model what `content` was.
        void reset(Map<ByteBuffer, List<byte[]>> content);
    }

    private record Saved(TableRuns runs, Map<ByteBuffer, List<byte[]>> content) {}

    private static <T extends StateTable> void run(
            SplittableRandom random, int pages, Subject<T> subject) throws IOException {
        ArrayDeque<Saved> kept = new ArrayDeque<>();
        try (SpillingPages memory = new SpillingPages(pages)) {
            T table = open(subject, memory, SavedRuns.NONE);
            MemoryScope.Registration registered = memory.register(table);
            int saves = 0;
            for (int step = 0; step < 25_000; step++) {
                subject.step(table, random, pages);
                if (random.nextInt(900) == 0) {
                    saves++;
                    Map<ByteBuffer, List<byte[]>> content = subject.content();
                    TableSnapshot snapshot = table.snapshot(() -> {});
                    // It goes on meanwhile, with the snapshot's steps at any time.
                    int stepEvery = 1 + random.nextInt(30);
                    for (int i = random.nextInt(2_000); i > 0; i--) {
                        subject.step(table, random, pages);
                        if (i % stepEvery == 0) {
                            snapshot.advance();
                        }
                    }
                    Map<ByteBuffer, List<byte[]>> after = subject.content();
                    snapshot.finish();
                    Saved saved = new Saved(snapshot.result(), content);
                    TableCheck.verify(records(table));
                    assertSame(content(table), after);
                    kept.add(saved);
                    if (random.nextInt(3) == 0) {
                        check(subject, saved, random);
                    }
                    if (random.nextInt(6) == 0) {
                        // As after a crash: memory is gone, and what came after with it.
                        registered.close();
                        table.close();
                        subject.reset(saved.content());
                        table = open(subject, memory, begin(saved.runs(), saves, random));
                        registered = memory.register(table);
                    }
                    while (kept.size() > 4) {
                        Saved old = kept.remove();
                        if (random.nextInt(5) == 0) {
                            checkDivided(subject, old, random);
                        }
                        old.runs().close();
                    }
                }
            }
            assertSame(content(table), subject.content());
            assertThat(saves).isPositive();
            registered.close();
            table.close();
            for (Saved saved : kept) {
                check(subject, saved, random);
                saved.runs().close();
            }
        }
    }

    private static RecordTable records(StateTable table) {
        return switch (table) {
            case ValueTable values -> values.records;
            case ListTable lists -> lists.records;
            case MapTable maps -> maps.records;
        };
    }

    private static <T extends StateTable> T open(
            Subject<T> subject, SpillingPages memory, SavedRuns saved) throws IOException {
        return subject.open(memory, memory.description(subject.kind(), ROUTING), saved);
    }

    private static SavedRuns begin(TableRuns runs, int era, SplittableRandom random) {
        return begin(List.of(runs), 0, GROUPS - 1, era, random.nextBoolean());
    }

    private static SavedRuns begin(
            List<TableRuns> all, int first, int last, int era, boolean loaded) {
        List<SavedRuns.Slice> slices = new ArrayList<>();
        for (TableRuns runs : all) {
            for (TableRuns.Part part : runs.parts()) {
                int from = Math.max(first, ROUTING.keyGroup(part.lowest()));
                int to = Math.min(last, ROUTING.keyGroup(part.highest()));
                if (from <= to) {
                    part.file().retain();
                    slices.add(new SavedRuns.Slice(part.file(), from, to));
                }
            }
        }
        return new SavedRuns(slices, era, loaded);
    }

    private static <T extends StateTable> void check(
            Subject<T> subject, Saved saved, SplittableRandom random) throws IOException {
        try (SpillingPages memory = new SpillingPages(random.nextBoolean() ? 60 : 900);
                T table = open(subject, memory, begin(saved.runs(), 1_000, random))) {
            assertSame(content(table), saved.content());
        }
    }

    /// Two tables of half the key groups, saved, and put together again.
    private static <T extends StateTable> void checkDivided(
            Subject<T> subject, Saved saved, SplittableRandom random) throws IOException {
        int middle = random.nextInt(1, GROUPS);
        List<TableRuns> runs = List.of(saved.runs());
        try (SpillingPages memory = new SpillingPages(1_500)) {
            TableRuns[] halves = new TableRuns[2];
            Map<ByteBuffer, List<byte[]>> content = new HashMap<>();
            for (int half = 0; half < 2; half++) {
                int first = half == 0 ? 0 : middle;
                int last = half == 0 ? middle - 1 : GROUPS - 1;
                SavedRuns part = begin(runs, first, last, 2_000, random.nextBoolean());
                try (T table = open(subject, memory, part)) {
                    content(table)
                            .forEach(
                                    (key, values) -> assertThat(content.put(key, values)).isNull());
                    TableSnapshot snapshot = table.snapshot(() -> {});
                    snapshot.finish();
                    halves[half] = snapshot.result();
                }
            }
            assertSame(content, saved.content());
            SavedRuns both = begin(List.of(halves), 0, GROUPS - 1, 3_000, random.nextBoolean());
            try (T table = open(subject, memory, both)) {
                assertSame(content(table), saved.content());
            }
            for (TableRuns half : halves) {
                half.close();
            }
        }
    }

    private static Map<ByteBuffer, List<byte[]>> content(StateTable table) throws IOException {
        Map<ByteBuffer, List<byte[]>> content = new HashMap<>();
        table.forEachEntry(
                new EntrySink() {
                    @Override
                    public void entry(
                            byte[] key,
                            int keyOffset,
                            int keyLength,
                            byte[] value,
                            int valueOffset,
                            int valueLength) {
                        content.computeIfAbsent(
                                        ByteBuffer.wrap(part(key, keyOffset, keyLength)),
                                        k -> new ArrayList<>())
                                .add(part(value, valueOffset, valueLength));
                    }

                    @Override
                    public void mapEntry(
                            byte[] key,
                            int keyOffset,
                            int keyLength,
                            byte[] mapKey,
                            int mapKeyOffset,
                            int mapKeyLength,
                            byte[] value,
                            int valueOffset,
                            int valueLength) {
                        entry(key, keyOffset, keyLength, mapKey, mapKeyOffset, mapKeyLength);
                        entry(key, keyOffset, keyLength, value, valueOffset, valueLength);
                    }
                });
        return content;
    }

    private static byte[] part(byte[] bytes, int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    private static void assertSame(
            Map<ByteBuffer, List<byte[]>> actual, Map<ByteBuffer, List<byte[]>> expected) {
        assertThat(actual.size()).as("keys").isEqualTo(expected.size());
        expected.forEach(
                (key, values) -> {
                    List<byte[]> found = actual.get(key);
                    assertThat(found).as("values of a key").hasSize(values.size());
                    for (int i = 0; i < values.size(); i++) {
                        Bytes.assertSame(found.get(i), values.get(i));
                    }
                });
    }

    private static final class Values implements Subject<ValueTable> {
        private final Map<ByteBuffer, List<byte[]>> model = new HashMap<>();

        @Override
        public Kind kind() {
            return Kind.VALUE;
        }

        @Override
        public ValueTable open(SpillingPages memory, TableSpill.Table description, SavedRuns saved)
                throws IOException {
            return ValueTable.open(
                    memory.lease("values"), ROUTING, memory.spill(), description, saved);
        }

        @Override
        public void step(ValueTable table, SplittableRandom random, int pages) {
            byte[] key = SpilledCollectionsModelTest.key(random.nextInt(16_000));
            if (pages >= 60 && random.nextInt(3_000) == 0) {
                removeInIteration(table);
            } else if (random.nextInt(5) == 0) {
                table.remove(Keys.of(key));
                model.remove(ByteBuffer.wrap(key));
            } else {
                byte[] value = new byte[random.nextInt(300) == 0 ? 9_000 : random.nextInt(120)];
                random.nextBytes(value);
                table.put(Keys.of(key), value, 0, value.length);
                model.put(ByteBuffer.wrap(key), List.of(value));
            }
        }

        /// What is removed while all are visited leaves a mark only, for the time.
        private void removeInIteration(ValueTable table) {
            table.forEach(
                    (key, value) -> {
                        byte[] bytes = key.toByteArray();
                        if (Math.floorMod(Arrays.hashCode(bytes), 10) == 0) {
                            table.remove(Keys.of(bytes));
                            model.remove(ByteBuffer.wrap(bytes));
                        }
                    });
        }

        @Override
        public Map<ByteBuffer, List<byte[]>> content() {
            return new HashMap<>(model);
        }

        @Override
        public void reset(Map<ByteBuffer, List<byte[]>> content) {
            model.clear();
            model.putAll(content);
        }
    }

    private static final class Lists implements Subject<ListTable> {
        private final Map<ByteBuffer, List<byte[]>> model = new HashMap<>();

        @Override
        public Kind kind() {
            return Kind.LIST;
        }

        @Override
        public ListTable open(SpillingPages memory, TableSpill.Table description, SavedRuns saved)
                throws IOException {
            return ListTable.open(
                    memory.lease("lists"), ROUTING, memory.spill(), description, saved);
        }

        @Override
        public void step(ListTable table, SplittableRandom random, int pages) {
            byte[] key = SpilledCollectionsModelTest.key(random.nextInt(6_000));
            SpilledCollectionsModelTest.listStep(table, model, random, key);
        }

        @Override
        public Map<ByteBuffer, List<byte[]>> content() {
            Map<ByteBuffer, List<byte[]>> copy = new HashMap<>();
            model.forEach((key, list) -> copy.put(key, new ArrayList<>(list)));
            return copy;
        }

        @Override
        public void reset(Map<ByteBuffer, List<byte[]>> content) {
            model.clear();
            content.forEach((key, list) -> model.put(key, new ArrayList<>(list)));
        }
    }

    private static final class Maps implements Subject<MapTable> {
        private final Map<ByteBuffer, Map<ByteBuffer, byte[]>> model = new HashMap<>();

        @Override
        public Kind kind() {
            return Kind.MAP;
        }

        @Override
        public MapTable open(SpillingPages memory, TableSpill.Table description, SavedRuns saved)
                throws IOException {
            return MapTable.open(memory.lease("maps"), ROUTING, memory.spill(), description, saved);
        }

        @Override
        public void step(MapTable table, SplittableRandom random, int pages) {
            // Few keys have maps that outgrow one record.
            int id = random.nextInt(10) == 0 ? 1 : random.nextInt(3_000);
            SpilledCollectionsModelTest.mapStep(
                    table, model, random, SpilledCollectionsModelTest.key(id));
        }

        @Override
        public Map<ByteBuffer, List<byte[]>> content() {
            Map<ByteBuffer, List<byte[]>> copy = new HashMap<>();
            model.forEach(
                    (key, map) -> {
                        List<byte[]> entries = new ArrayList<>();
                        map.forEach(
                                (user, value) -> {
                                    entries.add(user.array());
                                    entries.add(value);
                                });
                        copy.put(key, entries);
                    });
            return copy;
        }

        @Override
        public void reset(Map<ByteBuffer, List<byte[]>> content) {
            model.clear();
            content.forEach(
                    (key, entries) -> {
                        Map<ByteBuffer, byte[]> map = new LinkedHashMap<>();
                        for (int i = 0; i < entries.size(); i += 2) {
                            map.put(ByteBuffer.wrap(entries.get(i)), entries.get(i + 1));
                        }
                        model.put(key, map);
                    });
        }
    }
}
