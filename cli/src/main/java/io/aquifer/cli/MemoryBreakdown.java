package io.aquifer.cli;

import io.aquifer.cli.VirtualMachine.NativeMemory;
import io.aquifer.memory.MemoryStatistics;
import io.aquifer.memory.PageMode;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/// The resident set of this process at one moment, divided into parts.
///
/// **Invariant**: no part is negative, and they add up to the resident set. Heap, code cache,
/// binaries and files are read from the kernel's list of mappings. What is left is anonymous; the
/// ledger, then the virtual machine's own counts explain it in that order, each at most what is
/// left; the rest is [MemoryPart#SLACK].
///
/// Immutable; any thread.
final class MemoryBreakdown {
    private final Map<MemoryPart, Long> bytes;

    private MemoryBreakdown(Map<MemoryPart, Long> bytes) {
        this.bytes = bytes;
    }

    /// The division of `pages`.
    ///
    /// @param ledger the engine's ledger, or null while no job has started
    static MemoryBreakdown of(
            ResidentPages pages, NativeMemory machine, @Nullable MemoryStatistics ledger) {
        Map<MemoryPart, Long> bytes = new EnumMap<>(MemoryPart.class);
        bytes.put(MemoryPart.HEAP, pages.heapBytes());
        bytes.put(MemoryPart.CODE_CACHE, pages.codeBytes());
        bytes.put(MemoryPart.BINARIES, pages.binaryBytes());
        bytes.put(MemoryPart.MAPPED_FILES, pages.fileBytes());
        Explaining rest = new Explaining(pages.anonymousBytes(), bytes);
        long other = machine.otherBytes();
        if (ledger != null) {
            long managed = ledger.managed().residentBytes();
            long network = ledger.network().residentBytes();
            rest.take(MemoryPart.MANAGED, managed);
            rest.take(MemoryPart.NETWORK, network);
            rest.take(MemoryPart.RESERVE, ledger.pageBytesResident() - managed - network);
            if (ledger.pageMode() == PageMode.PORTABLE) {
                other -= Math.min(machine.bufferBytes(), ledger.pageBytesResident());
            }
        }
        rest.take(MemoryPart.THREAD_STACKS, machine.stackBytes());
        rest.take(MemoryPart.METASPACE, machine.metaspaceBytes());
        rest.take(MemoryPart.COMPILER, machine.compilerBytes());
        rest.take(MemoryPart.COLLECTOR, machine.collectorBytes());
        rest.take(MemoryPart.NATIVE, other);
        bytes.put(MemoryPart.SLACK, rest.leftBytes);
        return new MemoryBreakdown(bytes);
    }

    /// The same division of a larger whole: what was not seen in the sample is unexplained.
    MemoryBreakdown grownTo(long residentBytes) {
        Map<MemoryPart, Long> grown = new EnumMap<>(bytes);
        grown.merge(MemoryPart.SLACK, Math.max(0, residentBytes - totalBytes()), Long::sum);
        return new MemoryBreakdown(grown);
    }

    /// Nothing at all, before the first sample.
    static MemoryBreakdown none() {
        return new MemoryBreakdown(new EnumMap<>(MemoryPart.class));
    }

    long bytes(MemoryPart part) {
        return bytes.getOrDefault(part, 0L);
    }

    long totalBytes() {
        return Arrays.stream(MemoryPart.values()).mapToLong(this::bytes).sum();
    }

    /// Takes explanations out of what is left, never more than there is.
    private static final class Explaining {
        private final Map<MemoryPart, Long> bytes;
        private long leftBytes;

        Explaining(long leftBytes, Map<MemoryPart, Long> bytes) {
            this.leftBytes = leftBytes;
            this.bytes = bytes;
        }

        void take(MemoryPart part, long wanted) {
            long taken = Math.clamp(wanted, 0, leftBytes);
            bytes.put(part, taken);
            leftBytes -= taken;
        }
    }
}
