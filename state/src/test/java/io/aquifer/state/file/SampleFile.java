package io.aquifer.state.file;

import io.aquifer.state.file.FileContent.Entry;
import io.aquifer.state.file.StateSection.Kind;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A small file with sections of every kind, spelt out: what the fixture of format version 1 holds.
///
/// `state-file-v1.bin` among the test resources was written once, when version 1 was fixed, and is
/// never written again: files like it are on disks. A **new** format version gets a fixture of its
/// own: copy this class for it, and run [#main] with the new file's path.
final class SampleFile {
    private SampleFile() {}

    public static void main(String[] args) throws IOException {
        Path path = Path.of(args[0]);
        if (Files.exists(path)) {
            throw new IOException(path + " is there; the fixture of a version never changes");
        }
        Files.write(path, content().write());
    }

    static FileContent content() {
        Map<StateSection, List<Entry>> sections = new LinkedHashMap<>();
        sections.put(
                new StateSection("count", Kind.VALUE, 0, "", "long"),
                List.of(
                        entry("ann", "", "12345678"),
                        entry("", "", ""),
                        entry("κλειδί", "", "v".repeat(130)),
                        entry("k".repeat(127), "", "v")));
        sections.put(
                new StateSection("seen", Kind.LIST, 0, "", "string"),
                List.of(
                        entry("ann", "", "first"),
                        entry("ann", "", "second"),
                        entry("bob", "", ""),
                        entry("bob", "", "third")));
        sections.put(
                new StateSection("by day", Kind.MAP, 0, "string", "long"),
                List.of(
                        entry("ann", "monday", "1"),
                        entry("ann", "tuesday", "2"),
                        entry("bob", "monday", "3")));
        sections.put(
                new StateSection("window", Kind.WINDOW_VALUE, -60_000, "", "long"),
                List.of(entry("ann", "", "7")));
        sections.put(
                new StateSection("window", Kind.WINDOW_VALUE, 1_700_000_000_000L, "", "long"),
                List.of(entry("bob", "", "8")));
        sections.put(
                new StateSection("window", Kind.WINDOW_LIST, 60_000, "", "Click{user:string}"),
                List.of(entry("ann", "", "x"), entry("ann", "", "y")));
        sections.put(
                new StateSection("timers", Kind.EVENT_TIMERS, 0, "", ""),
                List.of(entry("ann", "", "\1\0\0\0\0\0\0\0")));
        sections.put(new StateSection("timers", Kind.PROCESSING_TIMERS, 0, "", ""), List.of());
        sections.put(
                new StateSection("offsets", Kind.OPERATOR, 0, "", "bytes"),
                List.of(entry("", "", "partition 3 at 17"), entry("", "", "")));
        return new FileContent(new StateFileHeader("sum-é", 3, 128, 96, 127), sections);
    }

    private static Entry entry(String key, String mapKey, String value) {
        return Entry.of(bytes(key), bytes(mapKey), bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
