package io.aquifer.connectors.files;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;

/// Which files of a directory are a sink's own.
///
/// ```
/// aquifer output 1
/// run 7f3a9c                                          the run that hidden files are of
/// old stats-0.csv                                     visible, of an earlier run
/// part stats-0-000003.csv                             visible, of this run
/// pending stats-0-000004.csv .stats-0-0-2.csv.7f3a9c.inprogress    becoming visible, or just did
/// check 1c291ca3                                      CRC-32 of all before
/// ```
///
/// **Invariant**: every name in it is a name of the sink, so that nothing else is ever removed.
///
/// @param runId the run that was started last
/// @param old files that are removed when the run makes its first file visible
/// @param parts what the run has made visible
/// @param pending hidden names by the visible ones they are to have
record Manifest(
        String runId,
        SortedSet<String> old,
        SortedSet<String> parts,
        SortedMap<String, String> pending) {
    private static final String FIRST = "aquifer output ";
    private static final String VERSION = "1";

    static Manifest of(String runId, SortedSet<String> old) {
        return new Manifest(runId, old, new TreeSet<>(), new TreeMap<>());
    }

    /// Everything of the run up to a checkpoint, and what is old.
    Manifest upTo(long checkpoint, OutputNames names) {
        SortedSet<String> early = new TreeSet<>(parts);
        early.removeIf(name -> names.checkpoint(name) > checkpoint);
        SortedMap<String, String> earlyPending = new TreeMap<>(pending);
        earlyPending.keySet().removeIf(name -> names.checkpoint(name) > checkpoint);
        return new Manifest(runId, old, early, earlyPending);
    }

    byte[] bytes() {
        StringBuilder text = new StringBuilder(FIRST).append(VERSION).append('\n');
        text.append("run ").append(runId).append('\n');
        old.forEach(name -> text.append("old ").append(name).append('\n'));
        parts.forEach(name -> text.append("part ").append(name).append('\n'));
        for (Map.Entry<String, String> entry : pending.entrySet()) {
            text.append("pending ").append(entry.getKey()).append(' ');
            text.append(entry.getValue()).append('\n');
        }
        String check = check(text.toString());
        text.append("check ").append(check).append('\n');
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String check(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    /// @throws IllegalArgumentException with what is wrong, as the end of a sentence
    static Manifest parse(byte[] bytes, OutputNames names) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>(text.lines().toList());
        if (lines.isEmpty() || !lines.getFirst().startsWith(FIRST)) {
            throw new IllegalArgumentException("it is not a manifest");
        }
        String version = lines.getFirst().substring(FIRST.length());
        if (!version.equals(VERSION)) {
            throw new IllegalArgumentException(
                    "it has version " + version + ", known is " + VERSION);
        }
        String last = lines.removeLast();
        String checked = String.join("\n", lines) + "\n";
        if (!last.equals("check " + check(checked))) {
            throw new IllegalArgumentException("its checksum is wrong");
        }
        String runId = "";
        SortedSet<String> old = new TreeSet<>();
        SortedSet<String> parts = new TreeSet<>();
        SortedMap<String, String> pending = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split(" ", -1);
            boolean named = words.length > 1 && names.isVisible(words[1]);
            if (words.length == 2 && words[0].equals("run") && OutputNames.isRunId(words[1])) {
                runId = words[1];
            } else if (words.length == 2 && words[0].equals("old") && named) {
                old.add(words[1]);
            } else if (words.length == 2 && words[0].equals("part") && named) {
                parts.add(words[1]);
            } else if (words.length == 3
                    && words[0].equals("pending")
                    && named
                    && runId.equals(names.run(words[2]))) {
                pending.put(words[1], words[2]);
            } else {
                throw new IllegalArgumentException("it has a line '" + line + "'");
            }
        }
        if (runId.isEmpty()) {
            throw new IllegalArgumentException("it names no run");
        }
        return new Manifest(runId, old, parts, pending);
    }
}
