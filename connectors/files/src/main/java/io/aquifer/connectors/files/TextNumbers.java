package io.aquifer.connectors.files;

/// Numbers from characters, without a String for the usual ones.
final class TextNumbers {
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private TextNumbers() {}

    enum Outcome {
        OK,
        NOT_A_NUMBER,
        TOO_LARGE
    }

    /// Writes the whole number in `text[from, from + length)` to `out[slot]`.
    static Outcome parseLong(char[] text, int from, int length, long[] out, int slot) {
        int at = from;
        int end = from + length;
        boolean negative = text[at] == '-';
        if (negative || text[at] == '+') {
            at++;
        }
        if (at == end) {
            return Outcome.NOT_A_NUMBER;
        }
        long value = 0; // negative, since there is one more negative number
        boolean tooLarge = false;
        for (; at < end; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) {
                return Outcome.NOT_A_NUMBER;
            }
            if (value < -922337203685477580L
                    || value == -922337203685477580L && digit > (negative ? 8 : 7)) {
                tooLarge = true;
            }
            value = value * 10 - digit;
        }
        if (tooLarge) {
            return Outcome.TOO_LARGE;
        }
        out[slot] = negative ? value : -value;
        return Outcome.OK;
    }

    /// Writes the bits of the decimal number in `text[from, from + length)` to `out[slot]`; false
    /// when it is none.
    static boolean parseDouble(char[] text, int from, int length, long[] out, int slot) {
        int at = from;
        int end = from + length;
        boolean negative = text[at] == '-';
        if (negative || text[at] == '+') {
            at++;
        }
        long digits = 0;
        int count = 0;
        int fraction = -1;
        for (; at < end; at++) {
            char c = text[at];
            if (c >= '0' && c <= '9') {
                if (count < 18) {
                    digits = digits * 10 + (c - '0');
                }
                count++;
            } else if (c == '.' && fraction < 0) {
                fraction = count;
            } else {
                return (c == 'e' || c == 'E')
                        && count > 0
                        && parseSlow(text, from, length, out, slot);
            }
        }
        if (count == 0) {
            return false;
        }
        int places = fraction < 0 ? 0 : count - fraction;
        if (count > 15) {
            return parseSlow(text, from, length, out, slot);
        }
        // At most fifteen digits and an exact power of ten: one rounding, so the result is the
        // nearest double.
        double value = digits / POWERS[places];
        out[slot] = Double.doubleToRawLongBits(negative ? -value : value);
        return true;
    }

    private static boolean parseSlow(char[] text, int from, int length, long[] out, int slot) {
        for (int i = from; i < from + length; i++) {
            char c = text[i];
            if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                return false;
            }
        }
        try {
            double value = Double.parseDouble(new String(text, from, length));
            out[slot] = Double.doubleToRawLongBits(value);
            return Double.isFinite(value);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
