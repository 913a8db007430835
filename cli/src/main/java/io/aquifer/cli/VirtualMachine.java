package io.aquifer.cli;

import io.aquifer.cli.ResidentPages.Range;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/// What the virtual machine says about its own memory, by its diagnostic commands.
///
/// Native memory tracking answers in under 0.1 ms and costs 0.2 MiB; without the flag every
/// category is 0 and the report shows the bytes as unexplained.
///
/// **Threads.** One thread at a time.
final class VirtualMachine {
    private static final Pattern CATEGORY =
            Pattern.compile("^-\\s+(.+?) \\(reserved=\\d+KB, committed=(\\d+)KB");
    private static final Pattern MAPPED =
            Pattern.compile("\\(mmap: reserved=\\d+KB, committed=(\\d+)KB");
    private static final Pattern STACKS =
            Pattern.compile("\\(stack: reserved=\\d+KB, committed=(\\d+)KB");
    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]{6,16})");

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final ObjectName commands;

    VirtualMachine() {
        try {
            commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
        } catch (JMException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Where the Java heap lies.
    List<Range> heapRanges() {
        long start = -1;
        long end = 0;
        for (String line : ask("gcHeapInfo").split("\n", -1)) {
            if (line.contains("Metaspace") || line.contains("class space")) {
                continue;
            }
            for (long address : addresses(line)) {
                start = start == -1 ? address : Math.min(start, address);
                end = Math.max(end, address);
            }
        }
        return start == -1 ? List.of() : List.of(new Range(start, end));
    }

    /// Where compiled code lies.
    List<Range> codeRanges() {
        List<Range> ranges = new ArrayList<>();
        for (String line : ask("compilerCodecache").split("\n", -1)) {
            if (line.contains("bounds")) {
                List<Long> addresses = addresses(line);
                ranges.add(new Range(addresses.getFirst(), addresses.getLast()));
            }
        }
        return ranges;
    }

    /// What the machine's own categories hold now.
    NativeMemory nativeMemory() {
        return parse(ask("vmNativeMemory"));
    }

    static NativeMemory parse(String report) {
        Map<String, Long> mapped = new HashMap<>();
        Map<String, Long> committed = new HashMap<>();
        String category = "";
        long stacks = 0;
        for (String line : report.split("\n", -1)) {
            Matcher head = CATEGORY.matcher(line);
            Matcher map = MAPPED.matcher(line);
            Matcher stack = STACKS.matcher(line);
            if (head.find()) {
                category = head.group(1).strip();
                committed.put(category, Long.parseLong(head.group(2)) * Sizes.KIB);
            } else if (map.find()) {
                mapped.merge(category, Long.parseLong(map.group(1)) * Sizes.KIB, Long::sum);
            } else if (stack.find()) {
                stacks = Long.parseLong(stack.group(1)) * Sizes.KIB;
            }
        }
        return NativeMemory.of(committed, mapped, stacks);
    }

    private String ask(String command) {
        try {
            Object answer =
                    server.invoke(
                            commands,
                            command,
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return String.valueOf(answer);
        } catch (JMException unsupported) {
            return "";
        }
    }

    private static List<Long> addresses(String line) {
        List<Long> addresses = new ArrayList<>();
        Matcher matcher = ADDRESS.matcher(line);
        while (matcher.find()) {
            addresses.add(Long.parseUnsignedLong(matcher.group(1), 16));
        }
        return addresses;
    }

    /// The machine's own areas in bytes.
    ///
    /// @param metaspaceBytes committed for classes outside the archive, class space included
    /// @param stackBytes the stacks' touched pages
    /// @param compilerBytes arenas of the compilers, in use or kept for the next method
    /// @param collectorBytes the collector's structures
    /// @param otherBytes what else the machine allocated with malloc or mapped
    /// @param bufferBytes memory Java code took off the heap (direct buffers, arenas), part of
    ///   `otherBytes`
    record NativeMemory(
            long metaspaceBytes,
            long stackBytes,
            long compilerBytes,
            long collectorBytes,
            long otherBytes,
            long bufferBytes) {

        private static NativeMemory of(
                Map<String, Long> committed, Map<String, Long> mapped, long stacks) {
            long metaspace = get(mapped, "Metaspace") + get(mapped, "Class");
            long compiler = get(committed, "Compiler") + get(committed, "Arena Chunk");
            long collector = get(committed, "GC");
            long all = committed.values().stream().mapToLong(Long::longValue).sum();
            long elsewhere =
                    get(committed, "Java Heap")
                            + get(committed, "Shared class space")
                            + get(mapped, "Code");
            return new NativeMemory(
                    metaspace,
                    stacks,
                    compiler,
                    collector,
                    Math.max(0, all - metaspace - stacks - compiler - collector - elsewhere),
                    get(committed, "Other"));
        }

        private static long get(Map<String, Long> bytes, String category) {
            return bytes.getOrDefault(category, 0L);
        }
    }
}
