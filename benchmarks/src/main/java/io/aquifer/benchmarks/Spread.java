package io.aquifer.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/// The median of some figures with the smallest and the largest.
public record Spread(double median, double min, double max) {
    /// @param values at least one
    public static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values have no median");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Spread(RoundTable.median(sorted), sorted[0], sorted[sorted.length - 1]);
    }

    /// As `12.3 (11.9 - 14.0)`, with three significant digits.
    @Override
    public String toString() {
        return text(median) + " (" + text(min) + " - " + text(max) + ")";
    }

    private static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.format(Locale.ROOT, "%,d", (long) value);
        }
        int digits = Math.clamp(2 - (long) Math.floor(Math.log10(Math.abs(value))), 0, 6);
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
