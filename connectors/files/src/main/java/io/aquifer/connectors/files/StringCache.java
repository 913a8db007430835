package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// The short texts of a column that were seen lately, so that equal codes are mostly one String.
///
/// **Invariant**: it holds at most [#SLOTS] texts of at most [#LENGTH_MAX] characters, whatever is
/// read.
final class StringCache {
    private static final int SLOTS = 2048;
    private static final int LENGTH_MAX = 24;

    private final @Nullable String[] texts = new String[SLOTS];
    private final byte[] @Nullable [] bytes = new byte[SLOTS][];

    String get(char[] text, int from, int length) {
        if (length > LENGTH_MAX) {
            return new String(text, from, length);
        }
        int hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = hash * 31 + text[i];
        }
        int slot = slot(hash);
        String known = texts[slot];
        if (known != null && known.length() == length && equal(known, text, from)) {
            return known;
        }
        String made = new String(text, from, length);
        texts[slot] = made;
        return made;
    }

    /// The text of UTF-8 bytes, null when they are not UTF-8.
    @Nullable String get(byte[] text) {
        if (text.length > LENGTH_MAX) {
            return decode(text);
        }
        int hash = 0;
        for (byte b : text) {
            hash = hash * 31 + b;
        }
        int slot = slot(hash);
        byte[] key = bytes[slot];
        if (key != null && (key == text || java.util.Arrays.equals(key, text))) {
            return texts[slot];
        }
        String made = decode(text);
        if (made != null) {
            bytes[slot] = text;
            texts[slot] = made;
        }
        return made;
    }

    private static int slot(int hash) {
        return (hash * 0x9E3779B9) >>> 21;
    }

    private static boolean equal(String known, char[] text, int from) {
        for (int i = 0; i < known.length(); i++) {
            if (known.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }

    static @Nullable String decode(byte[] text) {
        String made = new String(text, StandardCharsets.UTF_8);
        if (made.indexOf('\uFFFD') >= 0
                && !java.util.Arrays.equals(made.getBytes(StandardCharsets.UTF_8), text)) {
            return null;
        }
        return made;
    }
}
