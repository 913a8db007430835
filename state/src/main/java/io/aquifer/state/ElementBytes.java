package io.aquifer.state;

/// Puts together what a list or a map stores: elements one after the other, each with its length
/// before it, seven bits to a byte, the low ones first.
final class ElementBytes {
    private byte[] bytes = new byte[64];
    private int length;

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void add(byte[] element, int offset, int count) {
        addNumber(count);
        addRaw(element, offset, count);
    }

    void addRaw(byte[] source, int offset, int count) {
        reserve(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /// An unsigned number, seven bits to a byte.
    void addNumber(long number) {
        reserve(10);
        long rest = number;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            bytes[length++] = (byte) (rest | 0x80);
        }
        bytes[length++] = (byte) rest;
    }

    void addByte(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    void addInt(int value) {
        reserve(Integer.BYTES);
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[length++] = (byte) (value >>> 8 * i);
        }
    }

    void addLong(long value) {
        reserve(Long.BYTES);
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[length++] = (byte) (value >>> 8 * i);
        }
    }

    static int intAt(byte[] from, int offset) {
        return (from[offset] & 0xFF)
                | (from[offset + 1] & 0xFF) << 8
                | (from[offset + 2] & 0xFF) << 16
                | from[offset + 3] << 24;
    }

    static long longAt(byte[] from, int offset) {
        return (intAt(from, offset) & 0xFFFFFFFFL) | (long) intAt(from, offset + 4) << 32;
    }

    private void reserve(int more) {
        long wanted = (long) length + more;
        if (wanted > bytes.length) {
            if (wanted > Integer.MAX_VALUE - 64) {
                throw new IllegalStateException(
                        "cannot put together "
                                + wanted
                                + " bytes for one key: 2147483583 are the most that one key takes");
            }
            bytes =
                    java.util.Arrays.copyOf(
                            bytes,
                            (int) Math.max(wanted, Math.min(2L * length, Integer.MAX_VALUE - 64)));
        }
    }
}
