package io.aquifer.engine;

import io.aquifer.engine.checkpoint.CheckpointManifest;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// What a run had counted up to a checkpoint.
record RunTotals(long sourceRecords, Map<String, Long> rejects, Map<String, Long> counters) {
    static final RunTotals ZERO = new RunTotals(0, Map.of(), Map.of());

    static RunTotals of(@Nullable CheckpointManifest manifest) {
        return manifest == null
                ? ZERO
                : new RunTotals(manifest.sourceRecords(), manifest.rejects(), manifest.counters());
    }

    RunTotals plus(long records, Map<String, Long> moreRejects, Map<String, Long> moreCounters) {
        return new RunTotals(
                sourceRecords + records,
                sum(rejects, moreRejects),
                new TreeMap<>(sum(counters, moreCounters)));
    }

    private static Map<String, Long> sum(Map<String, Long> a, Map<String, Long> b) {
        Map<String, Long> sum = new LinkedHashMap<>(a);
        b.forEach((name, count) -> sum.merge(name, count, Long::sum));
        return sum;
    }
}
