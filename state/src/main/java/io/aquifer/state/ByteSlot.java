package io.aquifer.state;

import java.util.Arrays;

/// A reusable buffer that a table copies a key, a value or an element into.
///
/// The bytes of interest are `array()[0 .. length())`; the array is replaced by a larger one when a
/// result does not fit, so fetch it after each call. **Threads:** one at a time.
public final class ByteSlot {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int length;

    public ByteSlot() {
        this(64);
    }

    /// @param capacity bytes the slot can take before it first grows
    public ByteSlot(int capacity) {
        bytes = new byte[capacity];
    }

    /// Where the bytes are; valid until the slot is filled again.
    public byte[] array() {
        return bytes;
    }

    public int length() {
        return length;
    }

    /// The bytes in an array of their own.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /// Replaces the content with a copy of `source[offset .. offset + count)`.
    public void set(byte[] source, int offset, int count) {
        System.arraycopy(source, offset, resize(count), 0, count);
    }

    /// Sets the length to `newLength` and returns an array with at least that much room; what it
    /// holds is undefined, so the caller fills it.
    public byte[] resize(int newLength) {
        if (newLength > bytes.length) {
            grow(newLength);
        }
        length = newLength;
        return bytes;
    }

    private void grow(int wanted) {
        long doubled = Math.max(wanted, Math.min(bytes.length * 2L, LARGEST_ARRAY));
        bytes = new byte[(int) doubled];
    }
}
