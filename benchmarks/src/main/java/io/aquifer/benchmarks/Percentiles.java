package io.aquifer.benchmarks;

import java.util.Arrays;
import java.util.Map;

/// Times of single calls, by rank: the p-th percentile is the smallest sample that at least p % of
/// the samples do not exceed, so it is always a time that was measured. Used by one thread.
public final class Percentiles {
    private final long[] sorted;

    /// @param count how many of `samples` there are; their order is not kept
    public Percentiles(long[] samples, int count) {
        sorted = Arrays.copyOf(samples, count);
        Arrays.sort(sorted);
    }

    public int count() {
        return sorted.length;
    }

    /// @param percent above 0, at most 100
    public long at(double percent) {
        if (sorted.length == 0 || !(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException(
                    "no percentile " + percent + " of " + sorted.length + " samples");
        }
        int rank = (int) Math.ceil(sorted.length * (percent / 100));
        return sorted[Math.clamp(rank - 1L, 0, sorted.length - 1)];
    }

    /// Adds count, p50, p99, p99.9 and the longest to `values`; only the count if it is 0.
    ///
    /// @param name what was timed, in nanoseconds
    public void addTo(Map<String, Object> values, String name) {
        values.put(name + "Count", (long) sorted.length);
        if (sorted.length > 0) {
            values.put(name + "P50Nanos", at(50));
            values.put(name + "P99Nanos", at(99));
            values.put(name + "P999Nanos", at(99.9));
            values.put(name + "MaxNanos", at(100));
        }
    }
}
