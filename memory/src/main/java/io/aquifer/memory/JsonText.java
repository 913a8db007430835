package io.aquifer.memory;

/// Writes one JSON value, without blanks; the commas come by themselves.
///
/// Not thread-safe.
final class JsonText {
    private final StringBuilder text = new StringBuilder(1024);
    private boolean comma;

    JsonText open(char bracket) {
        separate();
        text.append(bracket);
        comma = false;
        return this;
    }

    JsonText close(char bracket) {
        text.append(bracket);
        comma = true;
        return this;
    }

    JsonText name(String name) {
        value(name);
        text.append(':');
        comma = false;
        return this;
    }

    JsonText value(String value) {
        separate();
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (mustEscape(value, i)) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
        return this;
    }

    JsonText value(long value) {
        separate();
        text.append(value);
        return this;
    }

    JsonText value(boolean value) {
        separate();
        text.append(value);
        return this;
    }

    JsonText nothing() {
        separate();
        text.append("null");
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private void separate() {
        if (comma) {
            text.append(',');
        }
        comma = true;
    }

    /// Control characters must be; so are half pairs, which UTF-8 has no bytes for, and the two
    /// line ends that JavaScript does not allow.
    private static boolean mustEscape(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return i == 0 || !Character.isHighSurrogate(value.charAt(i - 1));
        }
        return c < 0x20 || c == 0x7F || c == '\u2028' || c == '\u2029';
    }
}
