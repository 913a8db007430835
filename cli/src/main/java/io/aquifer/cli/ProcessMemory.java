package io.aquifer.cli;

import io.aquifer.cli.ResidentPages.Range;
import io.aquifer.memory.MemoryStatistics;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/// Where this process's memory is, by part: now, at the process's peak, and at each part's own
/// peak.
///
/// The kernel's high-water mark (`VmHWM`) is the process's peak. [#sample] reads the resident set,
/// which is cheap, and the list of mappings, which takes 1 ms for every 400 MiB or so, only when
/// the process has grown by 1/64 or the caller asks for it.
///
/// **Invariant**, in every answer of [#rows]: the `now` figures add up to the resident set of the
/// last full sample, the `at peak` figures to the high-water mark.
///
/// **Threads.** Any thread; calls are serialised.
final class ProcessMemory {
    private final Path proc;
    private final VirtualMachine machine;
    private final ToLongFunction<MemoryPart> budget;
    private final Map<MemoryPart, Long> peaks = new EnumMap<>(MemoryPart.class);
    private @Nullable List<Range> heap;
    private MemoryBreakdown now = MemoryBreakdown.none();
    private MemoryBreakdown largest = MemoryBreakdown.none();

    /// @param budget what the plan gives each part, in bytes
    ProcessMemory(ToLongFunction<MemoryPart> budget) {
        this(Path.of("/proc/self"), new VirtualMachine(), budget);
    }

    ProcessMemory(Path proc, VirtualMachine machine, ToLongFunction<MemoryPart> budget) {
        this.proc = proc;
        this.machine = machine;
        this.budget = budget;
    }

    /// Looks at the process's size, and at its parts if it has grown or `full` asks for it.
    ///
    /// @param ledger the engine's ledger at this moment, or null while no job has started
    synchronized void sample(@Nullable MemoryStatistics ledger, boolean full) {
        try {
            long resident = status("VmRSS:");
            if (!full && resident <= largest.totalBytes() + largest.totalBytes() / 64) {
                return;
            }
            List<Range> heapRanges = heap;
            if (heapRanges == null) {
                heapRanges = machine.heapRanges();
                heap = heapRanges;
            }
            ResidentPages pages =
                    ResidentPages.read(proc.resolve("smaps"), heapRanges, machine.codeRanges());
            now = MemoryBreakdown.of(pages, machine.nativeMemory(), ledger);
            for (MemoryPart part : MemoryPart.values()) {
                peaks.merge(part, now.bytes(part), Math::max);
            }
            if (now.totalBytes() > largest.totalBytes()) {
                largest = now;
            }
        } catch (IOException noProc) {
            // A system without /proc: the rows stay empty, and the report says so.
            now = MemoryBreakdown.none();
        }
    }

    /// Resident at the last full sample, in bytes; 0 where the system does not tell.
    synchronized long residentBytes() {
        return now.totalBytes();
    }

    /// One part at the last full sample, in bytes.
    synchronized long nowBytes(MemoryPart part) {
        return now.bytes(part);
    }

    /// The kernel's high-water mark in bytes; 0 where the system does not tell.
    synchronized long peakBytes() {
        try {
            return Math.max(status("VmHWM:"), largest.totalBytes());
        } catch (IOException noProc) {
            return largest.totalBytes();
        }
    }

    /// All parts, in the order of [MemoryPart].
    synchronized List<MemoryRow> rows() {
        MemoryBreakdown atPeak = largest.grownTo(peakBytes());
        List<MemoryRow> rows = new ArrayList<>();
        for (MemoryPart part : MemoryPart.values()) {
            long peak = Math.max(peaks.getOrDefault(part, 0L), atPeak.bytes(part));
            rows.add(
                    new MemoryRow(
                            part,
                            budget.applyAsLong(part),
                            now.bytes(part),
                            atPeak.bytes(part),
                            peak));
        }
        return rows;
    }

    private long status(String field) throws IOException {
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.substring(field.length()).replace("kB", "").strip())
                        * Sizes.KIB;
            }
        }
        return 0;
    }
}
