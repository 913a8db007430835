package io.aquifer.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How much memory the machine and the control groups around this process allow, at one moment.
///
/// Reads `/proc/meminfo` and, for every group on the process's path up to the root, `memory.max`
/// (version 2) or `memory.limit_in_bytes` (version 1). What cannot be read sets no limit.
///
/// Immutable; any thread.
///
/// @param limits every limit found, with the place it was read from
public record MemoryLimits(List<Limit> limits) {
    private static final long UNLIMITED = 1L << 60;
    private static final long KIB = 1024;

    public MemoryLimits {
        limits = List.copyOf(limits);
    }

    /// The limits of this process.
    public static MemoryLimits here() {
        return read(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    }

    /// The limits as two folders of the kernel's tell them.
    public static MemoryLimits read(Path proc, Path groups) {
        List<Limit> limits = new ArrayList<>();
        for (String line : lines(proc.resolve("meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                String kibi = line.substring(9).replace("kB", "").strip();
                add(limits, "this machine's memory", kibi + " kB", number(kibi) * KIB);
            }
        }
        for (String line : lines(proc.resolve("self/cgroup"))) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3 && fields[1].isEmpty()) {
                walk(limits, groups, fields[2], "memory.max");
            } else if (fields.length == 3 && List.of(fields[1].split(",")).contains("memory")) {
                walk(limits, groups.resolve("memory"), fields[2], "memory.limit_in_bytes");
            }
        }
        return new MemoryLimits(limits);
    }

    /// The smallest limit in bytes, [Long#MAX_VALUE] when there is none.
    public long smallestBytes() {
        return limits.stream().mapToLong(Limit::bytes).min().orElse(Long.MAX_VALUE);
    }

    /// The group's own file and its parents'; inside a container the path may not exist below the
    /// mount.
    private static void walk(List<Limit> limits, Path mount, String group, String file) {
        Path root = mount.normalize();
        Path at = root.resolve(group.replaceFirst("^/+", "")).normalize();
        while (at.startsWith(root)) {
            Path limit = at.resolve(file);
            for (String line : lines(limit)) {
                add(limits, "the container's limit (" + limit + ")", line, number(line.strip()));
            }
            Path parent = at.getParent();
            if (parent == null) {
                return;
            }
            at = parent;
        }
    }

    private static void add(List<Limit> limits, String place, String text, long bytes) {
        if (!text.isBlank() && bytes > 0 && bytes < UNLIMITED) {
            limits.add(new Limit(place, bytes));
        }
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /// One limit in bytes and where it stands.
    public record Limit(String place, long bytes) {}
}
