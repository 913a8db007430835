package io.aquifer.cli;

import io.aquifer.memory.MemorySize;

import java.util.Locale;

/// Sizes, counts and times as the command line writes them.
final class Sizes {
    static final long KIB = 1L << 10;
    static final long MIB = 1L << 20;
    static final long GIB = 1L << 30;

    private Sizes() {}

    static String size(long bytes) {
        return new MemorySize(bytes).toString();
    }

    /// Bytes in MiB without a unit and without a fraction, for tables whose head names the unit.
    static String mebi(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / (double) MIB);
    }

    /// A size as a flag or `--memory` takes it: exact, in the largest unit that divides it.
    static String flag(long bytes) {
        if (bytes % GIB == 0 && bytes > 0) {
            return bytes / GIB + "g";
        }
        if (bytes % MIB == 0) {
            return bytes / MIB + "m";
        }
        return bytes % KIB == 0 ? bytes / KIB + "k" : Long.toString(bytes);
    }

    /// A count in full, with separators: `14,900,000`.
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /// A count to three digits: `14.9M`.
    static String shortCount(double count) {
        if (count < 1_000) {
            return String.format(Locale.ROOT, "%.0f", count);
        }
        double value = count;
        String units = "kMGT";
        int unit = -1;
        while (value >= 999.5 && unit < units.length() - 1) {
            value /= 1_000;
            unit++;
        }
        String digits = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, digits, value) + units.charAt(unit);
    }
}
