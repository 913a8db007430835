package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import java.io.IOException;

/// Gathers the parts of a value, of which the newest, and so the last, comes first.
final class JoinedParts {
    private static final int KEPT_MAX = 1 << 20;
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;

    /// Where the parts begin; they go up to the end of the array.
    private int start;

    void clear() {
        if (bytes.length > KEPT_MAX) {
            bytes = NOTHING;
        }
        start = bytes.length;
    }

    int length() {
        return bytes.length - start;
    }

    /// Puts a part before those that came.
    ///
    /// @throws IOException if all of them are too many
    void addBefore(ByteSlot part) throws IOException {
        int count = part.length();
        if (count > start) {
            int wanted = RunLayout.valueLength((long) length() + count);
            int roomy = (int) Math.min(Integer.MAX_VALUE - 8L, wanted * 2L);
            byte[] larger = new byte[Math.max(wanted, roomy)];
            int newStart = larger.length - length();
            System.arraycopy(bytes, start, larger, newStart, length());
            start = newStart;
            bytes = larger;
        }
        start -= count;
        System.arraycopy(part.array(), 0, bytes, start, count);
    }

    void copyTo(ByteSlot out) {
        out.set(bytes, start, length());
    }
}
