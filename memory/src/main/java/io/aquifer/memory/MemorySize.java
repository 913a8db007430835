package io.aquifer.memory;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A size in bytes, as people write it.
///
/// A number without a unit is in MiB, so `"2048"` and `"2g"` are the same size. Units are powers of
/// 1024 in any case: `b`, `k`, `m`, `g`, `t`, also written `kb` or `kib`; a fraction needs one
/// (`"1.5g"`) or means a fraction of a MiB. Fractions of a byte are cut off.
///
/// Immutable; any thread.
///
/// @param bytes the size, never negative
public record MemorySize(long bytes) implements Comparable<MemorySize> {
    private static final Pattern TEXT =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(b|[kmgt](?:i?b)?)?", Pattern.CASE_INSENSITIVE);
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    public MemorySize {
        if (bytes < 0) {
            throw MemoryConfigurationException.negativeSize(bytes);
        }
    }

    /// Reads a size such as `"2048"` (MiB), `"2g"`, `"1536m"`, `"512k"`, `"2gib"` or `"1.5g"`.
    ///
    /// @throws MemoryConfigurationException if the text is not a size or does not fit 63 bits
    public static MemorySize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw MemoryConfigurationException.unreadableSize(text);
        }
        String unit = matcher.group(2);
        int shift = unit == null ? 20 : shiftOf(Character.toLowerCase(unit.charAt(0)));
        BigDecimal bytes =
                new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << shift));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw MemoryConfigurationException.sizeTooLarge(text);
        }
        return new MemorySize(bytes.longValue());
    }

    /// The size of `mebi` MiB.
    public static MemorySize ofMebi(long mebi) {
        return new MemorySize(Math.multiplyExact(mebi, 1L << 20));
    }

    @Override
    public int compareTo(MemorySize other) {
        return Long.compare(bytes, other.bytes);
    }

    /// The size to one decimal in the largest unit not above it, such as `64.0 MiB` or `512 B`.
    @Override
    public String toString() {
        return text(bytes);
    }

    static String text(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    private static int shiftOf(char unit) {
        return switch (unit) {
            case 'b' -> 0;
            case 'k' -> 10;
            case 'm' -> 20;
            case 'g' -> 30;
            default -> 40;
        };
    }
}
