package io.aquifer.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Compares byte arrays many times faster than a fluent assertion, for checks done by the million.
final class Bytes {
    private Bytes() {}

    static void assertSame(byte @Nullable [] actual, byte @Nullable [] expected) {
        if (!Arrays.equals(actual, expected)) {
            throw new AssertionError(
                    "expected " + describe(expected) + ", was " + describe(actual));
        }
    }

    private static String describe(byte @Nullable [] bytes) {
        return bytes == null
                ? "nothing"
                : bytes.length + " bytes with hash " + Arrays.hashCode(bytes);
    }
}
