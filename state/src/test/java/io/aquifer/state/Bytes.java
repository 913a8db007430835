package io.aquifer.state;

import java.util.Arrays;

/// Compares byte arrays many times faster than a fluent assertion, for checks done by the million.
final class Bytes {
    private Bytes() {}

    static void assertSame(byte[] actual, byte[] expected) {
        if (!Arrays.equals(actual, expected)) {
            throw new AssertionError(
                    "expected " + expected.length + " bytes " + Arrays.hashCode(expected) + ", was "
                            + actual.length + " bytes " + Arrays.hashCode(actual));
        }
    }
}
