package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.Percentiles;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Rung;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// How long one page takes when all memory is held by another task that can give it back: idle
/// pages as they are, or pages that it must write to the disk first.
///
/// One task takes half of all memory page by page from a [HoldingTask]; a cycle is one such pair of
/// tasks. `grant` is every page, `hop` only those during which the other task was asked. For the
/// disk, `waitToDisk` is how long the asking task waited over how long the writes took by
/// themselves. A refusal ends a cycle and is counted, with its text.
final class ReclaimGrants {
    private final int cycles;
    private final int pagesPerCycle;
    private final Rung rung;
    private final Path directory;
    private final long[] grants;
    private final long[] hops;
    private int grantCount;
    private int hopCount;
    private long refusals;
    private long waitedNanos;
    private String refusal = "";

    private ReclaimGrants(Rung rung, int cycles, int pagesPerCycle, Path directory) {
        this.rung = rung;
        this.cycles = cycles;
        this.pagesPerCycle = pagesPerCycle;
        this.directory = directory;
        this.grants = new long[cycles * pagesPerCycle];
        this.hops = new long[cycles * pagesPerCycle];
    }

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        String rung = arguments.text("rung", "idle");
        int cycles = Math.toIntExact(arguments.number("cycles", 20));
        long mib = arguments.number("mib", 128);
        Path directory =
                Path.of(arguments.text("directory", System.getProperty("java.io.tmpdir", ".")));
        arguments.complete();
        int pages = (int) (mib * Budgets.MIB / Budgets.PAGE_BYTES / 2);
        ReclaimGrants grants =
                switch (rung) {
                    case "idle" -> new ReclaimGrants(Rung.IDLE_PAGES, cycles, pages, directory);
                    case "spill" -> new ReclaimGrants(Rung.SPILL, cycles, pages, directory);
                    default ->
                            throw new IllegalArgumentException(
                                    "a rung is idle or spill, not '" + rung + "'");
                };
        System.out.println(new ResultLine(grants.run(rung)));
    }

    private Map<String, Object> run(String what) throws Exception {
        long diskNanos = 0;
        long written = 0;
        for (int cycle = -1; cycle < cycles; cycle++) {
            if (cycle == 0) {
                forgetWarmUp();
            }
            if (rung == Rung.SPILL) {
                try (SpillFile file = SpillFile.create(directory)) {
                    cycle(file);
                    if (cycle >= 0) {
                        diskNanos += file.nanos();
                        written += file.writtenBytes();
                    }
                }
            } else {
                cycle(null);
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", what);
        new Percentiles(grants, grantCount).addTo(values, "grant");
        new Percentiles(hops, hopCount).addTo(values, "hop");
        values.put("refusals", refusals);
        values.put("waitedMillis", waitedNanos / 1e6);
        if (diskNanos > 0) {
            values.put("spilledBytes", written);
            values.put("diskMillis", diskNanos / 1e6);
            values.put("diskMibPerSecond", written / (double) Budgets.MIB / (diskNanos / 1e9));
            values.put("waitToDisk", waitedNanos / (double) diskNanos);
        }
        if (!refusal.isEmpty()) {
            values.put("refusal", refusal);
        }
        return values;
    }

    private void forgetWarmUp() {
        grantCount = 0;
        hopCount = 0;
        refusals = 0;
        waitedNanos = 0;
    }

    private void cycle(@Nullable SpillFile file) throws Exception {
        try (MemoryManager manager = Budgets.create(2L * pagesPerCycle * Budgets.PAGE_BYTES);
                HoldingTask holder = HoldingTask.start(manager, rung, file);
                MemoryScope scope = manager.openScope("asker");
                PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            for (int i = 0; i < pagesPerCycle; i++) {
                long reclaims = holder.reclaims();
                long start = System.nanoTime();
                try {
                    lease.allocatePage();
                } catch (MemoryExhaustedException refused) {
                    refusals++;
                    refusal = String.valueOf(refused.getMessage());
                    return;
                }
                long nanos = System.nanoTime() - start;
                grants[grantCount++] = nanos;
                if (holder.reclaims() != reclaims) {
                    hops[hopCount++] = nanos;
                    waitedNanos += nanos;
                }
            }
        }
    }
}
