package io.aquifer.benchmarks.memory;

import java.util.Arrays;

/// How much less a neighbour did around an event than before it.
///
/// @param worst the share that the slowest bucket lost, against the median bucket before; negative
///   when it was faster
/// @param mean the share that all buckets of the window lost together
/// @param usual the share that the slowest bucket *before* the event lost: what noise does by
///   itself
record Dip(double worst, double mean, double usual) {
    /// @param buckets counts in equal spans of time
    /// @param event the bucket in which it happened
    /// @param before how many buckets before it are the measure
    /// @param window how many buckets from it on may be affected
    static Dip around(long[] buckets, int event, int before, int window) {
        if (event - before < 0 || event + window > buckets.length || before < 1 || window < 1) {
            throw new IllegalArgumentException(
                    "buckets "
                            + (event - before)
                            + " to "
                            + (event + window)
                            + " are not all among the "
                            + buckets.length
                            + " there are");
        }
        long[] quiet = Arrays.copyOfRange(buckets, event - before, event);
        Arrays.sort(quiet);
        double median = quiet[quiet.length / 2];
        if (median == 0) {
            throw new IllegalArgumentException("the neighbour did nothing before the event");
        }
        long least = Long.MAX_VALUE;
        long sum = 0;
        for (int i = event; i < event + window; i++) {
            least = Math.min(least, buckets[i]);
            sum += buckets[i];
        }
        return new Dip(1 - least / median, 1 - sum / (median * window), 1 - quiet[0] / median);
    }
}
