package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// What tables write to state files, against collections as the model.
///
/// Goal: after any calls the file has exactly the entries, elements and map entries in their order,
/// and the table is as before. Replay with `-Daquifer.test.seed=<seed>`.
class TableWriteTest {
    @TempDir Path directory;

    private interface Source {
        void writeTo(StateFileWriter out) throws IOException;
    }

    /// Writes a file and reads it back: for each key, in order, the map keys and values.
    private Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> written(
            Kind kind, Source source) throws IOException {
        Path file = directory.resolve("file");
        StateSection section = new StateSection("s", kind, 0, "", "bytes");
        write(file, section, source);
        Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> result = new HashMap<>();
        try (StateFileReader reader = StateFileReader.open(Files.newByteChannel(file), "file")) {
            long count = 0;
            ByteBuffer last = null;
            for (StateEntries entries = reader.entries(section); entries.next(); count++) {
                ByteBuffer key = slice(entries.buffer(), entries.keyOffset(), entries.keyLength());
                ByteBuffer mapKey =
                        slice(entries.buffer(), entries.mapKeyOffset(), entries.mapKeyLength());
                ByteBuffer value =
                        slice(entries.buffer(), entries.valueOffset(), entries.valueLength());
                if (!key.equals(last)) {
                    assertThat(result.put(key, new ArrayList<>())).as("a key again").isNull();
                    last = key;
                }
                result.get(key).add(Map.entry(mapKey, value));
            }
            assertThat(reader.entryCount(section)).isEqualTo(count);
        }
        return result;
    }

    private static void write(Path file, StateSection section, Source source) throws IOException {
        try (StateFileWriter out =
                new StateFileWriter(
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE),
                        new StateFileHeader("op", 0, 128, 0, 127))) {
            out.begin(section);
            source.writeTo(out);
            assertThat(out.finish()).isEqualTo(Files.size(file));
        }
    }

    private static ByteBuffer slice(byte[] bytes, int offset, int length) {
        return ByteBuffer.wrap(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return ByteBuffer.wrap(bytes);
    }

    private static byte[] value(SplittableRandom random) {
        int length =
                switch (random.nextInt(300)) {
                    case 0 -> random.nextInt(100_000);
                    case 1, 2 -> 8_100 + random.nextInt(100);
                    case 3, 4, 5 -> 100 + random.nextInt(50);
                    default -> random.nextBoolean() ? 8 : random.nextInt(70);
                };
        byte[] value = new byte[length];
        random.nextBytes(value);
        return value;
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void writeTo_valuesAfterRandomCalls_writesTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> model = new HashMap<>();
        try (TestPages source = new TestPages(4096);
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
            assertThat(written(Kind.VALUE, table::writeTo)).isEmpty();
            for (int round = 0; round < 5; round++) {
                int removals = 20 + random.nextInt(60);
                for (int step = 0; step < 8_000; step++) {
                    byte[] key = ValueTableModelTest.key(random, 6_000);
                    if (random.nextInt(100) < removals) {
                        table.remove(Keys.of(key));
                        model.remove(wrap(key));
                    } else {
                        byte[] value = value(random);
                        table.put(Keys.of(key), value, 0, value.length);
                        model.put(wrap(key), List.of(Map.entry(wrap(new byte[0]), wrap(value))));
                    }
                }
                assertSame(written(Kind.VALUE, table::writeTo), model);
                TableCheck.verify(table.records);
                assertThat(table.size()).isEqualTo(model.size());
                assertThat(source.held()).isEqualTo(table.pageCount());
                assertScanInWindows(table);
            }
            table.clear();
            assertThat(written(Kind.VALUE, table::writeTo)).isEmpty();
        }
    }

    /// Windows of any size find each record once.
    private static void assertScanInWindows(ValueTable table) {
        for (int pages : new int[] {1, 2, 3, 7, 1_000}) {
            RecordScan scan = new RecordScan(table.records, pages);
            Set<Long> addresses = new HashSet<>();
            for (int count = scan.next(); count > 0; count = scan.next()) {
                for (int i = 0; i < count; i++) {
                    assertThat(addresses.add(scan.address(i))).isTrue();
                }
            }
            assertThat(scan.next()).isZero();
            Set<Long> expected = new HashSet<>();
            TableCheck.addresses(table.records, expected);
            assertThat(addresses.equals(expected)).as("records in windows").isTrue();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void writeTo_listsAfterRandomCalls_writesTheElementsInOrder(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> model = new HashMap<>();
        try (TestPages source = new TestPages(8192);
                ListTable table = ListTable.open(source.lease(), Keys.ROUTING)) {
            for (int round = 0; round < 4; round++) {
                for (int step = 0; step < 5_000; step++) {
                    byte[] key = ValueTableModelTest.key(random, 800);
                    if (random.nextInt(20) == 0) {
                        table.clear(Keys.of(key));
                        model.remove(wrap(key));
                    } else {
                        byte[] value = value(random);
                        table.append(Keys.of(key), value, 0, value.length);
                        model.computeIfAbsent(wrap(key), k -> new ArrayList<>())
                                .add(Map.entry(wrap(new byte[0]), wrap(value)));
                    }
                }
                assertSame(written(Kind.LIST, table::writeTo), model);
                assertThat(source.held()).isEqualTo(table.pageCount());
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void writeTo_mapsAfterRandomCalls_writesTheEntriesInOrder(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<ByteBuffer, LinkedHashMap<ByteBuffer, ByteBuffer>> model = new HashMap<>();
        try (TestPages source = new TestPages(8192);
                MapTable table = MapTable.open(source.lease(), Keys.ROUTING)) {
            for (int round = 0; round < 4; round++) {
                for (int step = 0; step < 6_000; step++) {
                    byte[] key = ValueTableModelTest.key(random, 300);
                    byte[] mapKey = ValueTableModelTest.key(random, 40);
                    LinkedHashMap<ByteBuffer, ByteBuffer> map =
                            model.computeIfAbsent(wrap(key), k -> new LinkedHashMap<>());
                    int choice = random.nextInt(100);
                    if (choice < 70) {
                        byte[] value = value(random);
                        table.put(Keys.of(key), mapKey, 0, mapKey.length, value, 0, value.length);
                        map.put(wrap(mapKey), wrap(value));
                    } else if (choice < 98) {
                        table.remove(Keys.of(key), mapKey, 0, mapKey.length);
                        map.remove(wrap(mapKey));
                    } else {
                        table.clear(Keys.of(key));
                        map.clear();
                    }
                    if (map.isEmpty()) {
                        model.remove(wrap(key));
                    }
                }
                Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> expected = new HashMap<>();
                model.forEach(
                        (key, map) ->
                                expected.put(
                                        key,
                                        map.entrySet().stream()
                                                .map(e -> Map.entry(e.getKey(), e.getValue()))
                                                .toList()));
                assertSame(written(Kind.MAP, table::writeTo), expected);
                assertThat(source.held()).isEqualTo(table.pageCount());
            }
        }
    }

    private static void assertSame(
            Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> actual,
            Map<ByteBuffer, List<Map.Entry<ByteBuffer, ByteBuffer>>> expected) {
        assertThat(actual.keySet().equals(expected.keySet())).as("keys").isTrue();
        expected.forEach(
                (key, values) -> {
                    if (!values.equals(actual.get(key))) {
                        throw new AssertionError("values of key " + key + " differ");
                    }
                });
    }

    @Test
    void writeTo_fromAVisitor_givesTheEntriesOfThatMoment() throws IOException {
        try (TestPages source = new TestPages(100);
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
            for (int i = 0; i < 1_000; i++) {
                table.put(Keys.of(key(i)), key(i), 0, 8);
            }
            int[] visits = new int[1];
            table.forEach(
                    (key, value) -> {
                        if (visits[0]++ % 100 == 0) {
                            try {
                                assertThat(written(Kind.VALUE, table::writeTo))
                                        .hasSize((int) table.size());
                            } catch (IOException impossible) {
                                throw new UncheckedIOException(impossible);
                            }
                        }
                        assertThat(table.remove(Keys.of(key))).isTrue();
                    });
            assertThat(visits[0]).isEqualTo(1_000);
            assertThat(table.size()).isZero();
        }
    }

    @Test
    void writeTo_closedTable_givesNothingAsForEachDoes() throws IOException {
        try (TestPages source = new TestPages(100)) {
            ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING);
            table.put(Keys.of(key(1)), key(1), 0, 8);
            table.close();
            table.forEach((key, value) -> assertThat(key).isNull());
            assertThat(written(Kind.VALUE, table::writeTo)).isEmpty();
        }
    }

    @Test
    void writeTo_fileRefusesAWrite_surfacesAndLeavesTheTable() throws IOException {
        IOException refusal = new IOException("no space left on device");
        int[] writes = new int[1];
        WritableByteChannel refusing =
                new WritableByteChannel() {
                    @Override
                    public int write(ByteBuffer from) throws IOException {
                        if (++writes[0] == 3) {
                            throw refusal;
                        }
                        int count = from.remaining();
                        from.position(from.limit());
                        return count;
                    }

                    @Override
                    public boolean isOpen() {
                        return true;
                    }

                    @Override
                    public void close() {}
                };
        try (TestPages source = new TestPages(100);
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING);
                StateFileWriter out =
                        new StateFileWriter(refusing, new StateFileHeader("op", 0, 128, 0, 127))) {
            for (int i = 0; i < 20_000; i++) {
                table.put(Keys.of(key(i)), key(i), 0, 8);
            }
            out.begin(new StateSection("s", Kind.VALUE, 0, "", ""));
            assertThatThrownBy(() -> table.writeTo(out)).isSameAs(refusal);
            assertThatThrownBy(() -> table.writeTo(out)).isInstanceOf(IllegalStateException.class);
            assertThat(writes[0]).isEqualTo(3);
            assertThat(written(Kind.VALUE, table::writeTo)).hasSize(20_000);
        }
    }

    private static byte[] key(long i) {
        return ByteBuffer.allocate(8).putLong(i).array();
    }
}
