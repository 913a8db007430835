package io.aquifer.memory.space;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What the Linux kernel allows page memory to do, read once at start without a native call.
///
/// A file that is missing, unreadable or of another form makes its fact unknown: -1 for numbers,
/// `unknown` for huge pages.
///
/// Immutable; any thread.
///
/// @param pageBytes the kernel's own page
/// @param hugePages for whom there are huge pages: `always`, `madvise` (who asks), `never`
/// @param maxPtesNone how many untouched pages of 512 (of a huge page of 2 MiB) khugepaged fills up
///   when it makes a huge page; any number above 0 lets it undo a decommit
/// @param overcommitMemory `vm.overcommit_memory`: 0 heuristic, 1 always, 2 reserved addresses
///   count
/// @param maxMapCount how many mappings a process may have
/// @param groupLimitBytes the smallest memory limit of the control groups around this process,
///   `Long.MAX_VALUE` if they set none
public record KernelFacts(
        long pageBytes,
        String hugePages,
        long maxPtesNone,
        long overcommitMemory,
        long maxMapCount,
        long groupLimitBytes) {
    private static final String UNKNOWN = "unknown";
    private static final long AT_PAGESZ = 6;
    private static final long UNLIMITED = 1L << 60;

    /// Nothing is known, as on systems other than Linux.
    static KernelFacts none() {
        return new KernelFacts(-1, UNKNOWN, -1, -1, -1, -1);
    }

    /// Reads below `root`, which is `/` but in tests.
    static KernelFacts read(Path root) {
        Path huge = root.resolve("sys/kernel/mm/transparent_hugepage");
        Path vm = root.resolve("proc/sys/vm");
        return new KernelFacts(
                pageBytes(root.resolve("proc/self/auxv")),
                chosen(text(huge.resolve("enabled"))),
                number(huge.resolve("khugepaged/max_ptes_none")),
                number(vm.resolve("overcommit_memory")),
                number(vm.resolve("max_map_count")),
                groupLimit(root));
    }

    /// Whether the kernel may give huge pages to who asks for them.
    boolean allowsHugePages() {
        return !hugePages.equals("never");
    }

    /// Whether [PageSpace#PAGE_BYTES] is a multiple of the kernel's page, or that is unknown.
    boolean dividesPages() {
        return pageBytes <= 0 || PageSpace.PAGE_BYTES % pageBytes == 0;
    }

    /// All facts in one line, for the log.
    public String text() {
        return "page "
                + (pageBytes < 0 ? UNKNOWN : pageBytes / 1024 + " KiB")
                + ", huge pages "
                + hugePages
                + ", max_ptes_none "
                + known(maxPtesNone)
                + ", overcommit_memory "
                + known(overcommitMemory)
                + ", max_map_count "
                + known(maxMapCount)
                + ", memory limit of the control group "
                + (groupLimitBytes == Long.MAX_VALUE
                        ? "none"
                        : groupLimitBytes < 0 ? UNKNOWN : (groupLimitBytes >> 20) + " MiB");
    }

    private static String known(long number) {
        return number < 0 ? UNKNOWN : Long.toString(number);
    }

    /// The word in brackets of `always [madvise] never`.
    private static String chosen(String choice) {
        int from = choice.indexOf('[');
        int to = choice.indexOf(']', from + 1);
        return from < 0 || to < 0 ? UNKNOWN : choice.substring(from + 1, to);
    }

    /// The auxiliary vector: pairs of words, of which one is the page size.
    private static long pageBytes(Path auxiliaryVector) {
        ByteBuffer pairs = ByteBuffer.wrap(bytes(auxiliaryVector)).order(ByteOrder.nativeOrder());
        while (pairs.remaining() >= 2 * Long.BYTES) {
            long key = pairs.getLong();
            long value = pairs.getLong();
            if (key == AT_PAGESZ && value > 0) {
                return value;
            }
        }
        return -1;
    }

    private static long groupLimit(Path root) {
        String groups = text(root.resolve("proc/self/cgroup"));
        if (groups.isEmpty()) {
            return -1;
        }
        Path mount = root.resolve("sys/fs/cgroup");
        return groups.lines()
                .flatMap(
                        line -> {
                            List<String> fields = Arrays.asList(line.split(":", 3));
                            if (fields.size() < 3) {
                                return Stream.of();
                            }
                            if (fields.get(1).isEmpty()) {
                                return limits(mount, fields.get(2), "memory.max");
                            }
                            return Arrays.asList(fields.get(1).split(",")).contains("memory")
                                    ? limits(
                                            mount.resolve("memory"),
                                            fields.get(2),
                                            "memory.limit_in_bytes")
                                    : Stream.of();
                        })
                .min(Long::compare)
                .orElse(Long.MAX_VALUE);
    }

    /// The limits of a group and of all around it; in a container the group's path may not exist.
    private static Stream<Long> limits(Path mount, String group, String file) {
        Path top = mount.normalize();
        Path start = top.resolve(group.replaceFirst("^/+", "")).normalize();
        return Stream.iterate(start, at -> at != null && at.startsWith(top), Path::getParent)
                .map(at -> number(at.resolve(file)))
                .filter(bytes -> bytes > 0 && bytes < UNLIMITED);
    }

    private static long number(Path file) {
        String digits = text(file);
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : -1;
    }

    private static String text(Path file) {
        return new String(bytes(file), StandardCharsets.UTF_8).strip();
    }

    /// At most 4 KiB. The first read asks for all of it, since a number of the kernel is given by
    /// the first read alone, cut to what was asked for.
    private static byte[] bytes(Path file) {
        byte[] bytes = new byte[4096];
        int length = 0;
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            int read;
            while (length < bytes.length
                    && (read = in.read(bytes, length, bytes.length - length)) > 0) {
                length += read;
            }
            return Arrays.copyOf(bytes, length);
        } catch (IOException | SecurityException unreadable) {
            return new byte[0];
        }
    }
}
