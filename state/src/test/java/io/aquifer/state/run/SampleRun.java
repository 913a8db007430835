package io.aquifer.state.run;

import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A small run, spelt out, with everything that the format has: what the fixture of ordered runs of
/// format version 1 holds.
///
/// `ordered-run-v1.bin` among the test resources was written once and is never written again: files
/// like it are on disks. A **new** format gets a fixture of its own: copy this class for it, and
/// run [#main] with the new file's path.
final class SampleRun {
    static final RunDescription DESCRIPTION =
            new RunDescription(
                    new StateFileHeader("sum-é", 3, 128, 32, 127),
                    new StateSection("by day", StateSection.Kind.MAP, 0, "string", "long"),
                    7);

    /// Blocks of 120 bytes, so that there are several, and ten bits a key.
    static final RunOptions OPTIONS = new RunOptions(120, 4096, 10, 150);

    private SampleRun() {}

    public static void main(String[] args) throws IOException {
        Path path = Path.of(args[0]);
        if (Files.exists(path)) {
            throw new IOException(path + " is there; the fixture of a version never changes");
        }
        Files.write(path, write());
    }

    /// The file: two ranges, the higher one first.
    static byte[] write() throws IOException {
        try (TestRunPages pages = new TestRunPages();
                MemoryRunFiles files = new MemoryRunFiles()) {
            MemoryRunFiles.MemoryFile file = files.add(new byte[0]);
            try (RunWriter out = RunWriter.open(file, DESCRIPTION, true, OPTIONS, pages)) {
                Key middle = new Key(routing(100, 0), 0, new byte[0]);
                writeAll(out, content().tailMap(middle, true));
                out.beginRange();
                writeAll(out, content().headMap(middle, false));
                out.finish();
            }
            byte[] content = file.content();
            file.release();
            return content;
        }
    }

    private static void writeAll(RunWriter out, Map<Key, Change> entries) throws IOException {
        for (Map.Entry<Key, Change> entry : entries.entrySet()) {
            Key key = entry.getKey();
            byte[] value = entry.getValue().value();
            out.begin(
                    entry.getValue().op(),
                    key.routing(),
                    key.kind(),
                    key.bytes(),
                    0,
                    key.bytes().length,
                    value.length);
            out.valuePart(value, 0, value.length);
        }
    }

    static Content content() {
        Content content = new Content();
        // The first and the last routing of the file's key groups.
        put(content, routing(32, 0), 0, "", "");
        put(content, routing(127, -1), 3, "last", "12345678");
        // Keys and values with lengths around those that fit the byte of the lengths.
        for (int length = 13; length <= 17; length++) {
            put(content, routing(40, length), 1, "k".repeat(length), "v".repeat(30 - length));
        }
        put(content, routing(41, 1), 0, "κλειδί", "v".repeat(142));
        put(content, routing(41, 2), 0, "k".repeat(143), "");
        put(content, routing(41, 3), 0, "alone", "0123456789".repeat(30));
        // Two anchors in a block, and routing parts of every length.
        for (int i = 0; i < 60; i++) {
            put(content, routing(49, i), i & 3, "", "");
        }
        for (int i = 0; i < 57; i++) {
            put(content, routing(50, 1L << i), i & 3, "", "");
        }
        // One routing over several blocks: fences with tails, of another kind and of a part of a
        // key.
        for (int i = 0; i < 12; i++) {
            put(content, routing(60, 7), 0, "map of ann, day " + (char) ('a' + i), "1");
        }
        for (int i = 0; i < 12; i++) {
            put(content, routing(60, 7), 2, "map of ann, night " + (char) ('a' + i), "2");
        }
        // Tails that are cut.
        for (int i = 0; i < 3; i++) {
            put(content, routing(61, 7), 1, "p".repeat(300) + i, "3");
        }
        content.put(key(routing(100, 0), 0, "gone"), Change.DELETE);
        content.put(
                key(routing(100, 1), 0, "list"),
                new Change(EntryOp.APPEND, bytes("one more element")));
        return content;
    }

    private static void put(Content content, long routing, int kind, String key, String value) {
        content.put(key(routing, kind, key), new Change(EntryOp.PUT, bytes(value)));
    }

    private static Key key(long routing, int kind, String key) {
        return new Key(routing, kind, bytes(key));
    }

    static long routing(int keyGroup, long rest) {
        return (long) keyGroup << 57 | rest & (1L << 57) - 1;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
