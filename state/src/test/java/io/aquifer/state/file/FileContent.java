package io.aquifer.state.file;

import io.aquifer.state.file.StateSection.Kind;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// What a state file should hold, as plain objects: made at random, written, read back.
record FileContent(StateFileHeader header, Map<StateSection, List<Entry>> sections) {
    /// @param mapKey empty but in MAP sections
    record Entry(ByteBuffer key, ByteBuffer mapKey, ByteBuffer value) {
        static Entry of(byte[] key, byte[] mapKey, byte[] value) {
            return new Entry(ByteBuffer.wrap(key), ByteBuffer.wrap(mapKey), ByteBuffer.wrap(value));
        }

        long bytes() {
            return key.remaining() + mapKey.remaining() + value.remaining();
        }
    }

    /// Sections of all kinds, empty ones among them.
    ///
    /// @param entriesMax entries of a section
    /// @param largest bytes of a value, now and then
    static FileContent random(SplittableRandom random, int entriesMax, int largest) {
        int groups = 1 + random.nextInt(1 << random.nextInt(16));
        int first = random.nextInt(groups);
        StateFileHeader header =
                new StateFileHeader(
                        "op-é-" + random.nextInt(1000),
                        random.nextInt(100),
                        groups,
                        first,
                        first + random.nextInt(groups - first));
        Map<StateSection, List<Entry>> sections = new LinkedHashMap<>();
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            StateSection section =
                    new StateSection(
                            "state-" + i / 3,
                            kind,
                            kind.hasWindow() ? random.nextLong() : 0,
                            kind == Kind.MAP ? "int" : "",
                            "type-" + random.nextInt(3) + "{ключ}");
            boolean taken = sections.keySet().stream().anyMatch(section::isSameStateAs);
            if (!taken) {
                int entries = random.nextInt(4) == 0 ? 0 : random.nextInt(entriesMax + 1);
                sections.put(section, entries(random, kind, entries, largest));
            }
        }
        return new FileContent(header, sections);
    }

    private static List<Entry> entries(SplittableRandom random, Kind kind, int count, int largest) {
        List<Entry> entries = new ArrayList<>();
        boolean fixed = random.nextBoolean();
        byte[] key = {};
        for (int i = 0; i < count; i++) {
            if (kind == Kind.OPERATOR) {
                key = new byte[0];
            } else if (!kind.repeatsKeys() || random.nextInt(4) == 0) {
                key = bytes(random, fixed, largest);
            }
            byte[] mapKey = kind == Kind.MAP ? bytes(random, fixed, largest) : new byte[0];
            byte[] value = bytes(random, fixed || kind.name().endsWith("TIMERS"), largest);
            entries.add(Entry.of(key, mapKey, value));
        }
        return entries;
    }

    private static byte[] bytes(SplittableRandom random, boolean fixed, int largest) {
        int length =
                switch (random.nextInt(200)) {
                    case 0 -> random.nextInt(largest + 1);
                    case 1, 2, 3 -> 120 + random.nextInt(20);
                    case 4 -> Math.min(largest, 16_370 + random.nextInt(30));
                    default -> fixed ? 8 : random.nextInt(20);
                };
        byte[] bytes = new byte[fixed ? 8 : length];
        random.nextBytes(bytes);
        return bytes;
    }

    byte[] write() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long length = writeTo(Channels.newChannel(out));
        if (length != out.size()) {
            throw new AssertionError("finish() said " + length + " bytes, there are " + out.size());
        }
        return out.toByteArray();
    }

    long writeTo(WritableByteChannel out) throws IOException {
        try (StateFileWriter writer = new StateFileWriter(out, header)) {
            for (Map.Entry<StateSection, List<Entry>> section : sections.entrySet()) {
                writer.begin(section.getKey());
                for (Entry entry : section.getValue()) {
                    write(writer, section.getKey().kind(), entry);
                }
            }
            return writer.finish();
        }
    }

    static void write(StateFileWriter writer, Kind kind, Entry entry) throws IOException {
        byte[] key = entry.key().array();
        byte[] mapKey = entry.mapKey().array();
        byte[] value = entry.value().array();
        if (kind == Kind.MAP) {
            writer.mapEntry(key, 0, key.length, mapKey, 0, mapKey.length, value, 0, value.length);
        } else {
            writer.entry(key, 0, key.length, value, 0, value.length);
        }
    }

    static FileContent read(byte[] file) throws IOException {
        try (StateFileReader reader = StateFileReader.open(new ByteChannelOf(file), "test")) {
            reader.verify();
            Map<StateSection, List<Entry>> sections = new LinkedHashMap<>();
            for (StateSection section : reader.sections()) {
                List<Entry> entries = read(reader.entries(section));
                if (entries.size() != reader.entryCount(section)) {
                    throw new AssertionError("count of " + section);
                }
                sections.put(section, entries);
            }
            return new FileContent(reader.header(), sections);
        }
    }

    static List<Entry> read(StateEntries entries) throws IOException {
        List<Entry> all = new ArrayList<>();
        while (entries.next()) {
            all.add(
                    Entry.of(
                            slice(entries.buffer(), entries.keyOffset(), entries.keyLength()),
                            slice(entries.buffer(), entries.mapKeyOffset(), entries.mapKeyLength()),
                            slice(entries.buffer(), entries.valueOffset(), entries.valueLength())));
        }
        return all;
    }

    private static byte[] slice(byte[] bytes, int offset, int length) {
        return java.util.Arrays.copyOfRange(bytes, offset, offset + length);
    }
}
