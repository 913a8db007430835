package io.aquifer.api.types;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Reads what a [DataOutputSerializer] wrote, from a range of a byte array that it does not copy.
///
/// **Invariant**: `position() + available()` is the range's length. A read that would pass the end,
/// or finds bytes that no write makes, throws [CorruptRecordException]; it never returns bytes from
/// outside the range. After such an exception the position is undefined.
///
/// **Threads**: one at a time, and nobody changes the range meanwhile. Nothing waits.
public final class DataInputDeserializer {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle CHAR = view(char[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private byte[] buffer = new byte[0];
    private int start;
    private int next;
    private int end;

    /// Reads nothing until [#setBuffer].
    public DataInputDeserializer() {}

    public DataInputDeserializer(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    public DataInputDeserializer(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        buffer = bytes;
        start = offset;
        next = offset;
        end = offset + count;
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
    }

    /// Reads `bytes[offset .. offset + count)` from now on.
    public void setBuffer(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        buffer = bytes;
        start = offset;
        next = offset;
        end = offset + count;
    }

    /// Bytes read since the range's start.
    public int position() {
        return next - start;
    }

    /// Bytes left.
    public int available() {
        return end - next;
    }

    public byte readByte() {
        return buffer[take(Byte.BYTES, "a byte")];
    }

    public boolean readBoolean() {
        byte value = readByte();
        if ((value & ~1) != 0) {
            throw corrupt("expected a boolean, 0 or 1, found " + value);
        }
        return value != 0;
    }

    public short readShort() {
        return (short) SHORT.get(buffer, take(Short.BYTES, "a short"));
    }

    public char readChar() {
        return (char) CHAR.get(buffer, take(Character.BYTES, "a char"));
    }

    public int readInt() {
        return (int) INT.get(buffer, take(Integer.BYTES, "an int"));
    }

    public long readLong() {
        return (long) LONG.get(buffer, take(Long.BYTES, "a long"));
    }

    public float readFloat() {
        return Float.intBitsToFloat((int) INT.get(buffer, take(Float.BYTES, "a float")));
    }

    public double readDouble() {
        return Double.longBitsToDouble((long) LONG.get(buffer, take(Double.BYTES, "a double")));
    }

    public int readVarInt() {
        int raw = readUnsignedVarInt();
        return raw >>> 1 ^ -(raw & 1);
    }

    public long readVarLong() {
        long raw = readUnsignedVarLong();
        return raw >>> 1 ^ -(raw & 1);
    }

    public int readUnsignedVarInt() {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            byte b = buffer[take(Byte.BYTES, "a variable-length int")];
            if (shift == 28 && (b & 0xF0) != 0) {
                break;
            }
            result |= (b & 0x7F) << shift;
            if (b >= 0) {
                return result;
            }
        }
        throw corrupt("a variable-length int has more than 32 bits");
    }

    public long readUnsignedVarLong() {
        long result = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = buffer[take(Byte.BYTES, "a variable-length long")];
            if (shift == 63 && (b & 0xFE) != 0) {
                break;
            }
            result |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return result;
            }
        }
        throw corrupt("a variable-length long has more than 64 bits");
    }

    public void readFully(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        System.arraycopy(buffer, take(count, "a block of bytes"), bytes, offset, count);
    }

    /// Passes over `count` bytes.
    public void skip(int count) {
        if (count < 0) {
            throw new IllegalArgumentException(
                    "cannot skip %,d bytes: the count is negative".formatted(count));
        }
        take(count, "a block of bytes to skip");
    }

    public String readString() {
        int header = readUnsignedVarInt();
        int chars = header >>> 1;
        if ((header & 1) == 0) {
            int at = take(chars, "a string");
            return new String(buffer, at, chars, StandardCharsets.ISO_8859_1);
        }
        int at = take(2L * chars, "a string");
        char[] value = new char[chars];
        for (int i = 0; i < chars; i++) {
            value[i] = (char) CHAR.get(buffer, at + 2 * i);
        }
        return new String(value);
    }

    public String readUtf8() {
        int count = readUnsignedVarInt();
        int at = take(Integer.toUnsignedLong(count), "a UTF-8 string");
        return new String(buffer, at, count, StandardCharsets.UTF_8);
    }

    /// Reads a count and refuses one that the bytes left cannot hold, before anything is allocated
    /// for it.
    ///
    /// @param bitsEach the least number of bits that one element takes
    int checkCount(int count, int bitsEach, String what) {
        if (count < 0 || (long) count * bitsEach > 8L * available()) {
            throw corrupt(
                    "%s of %,d elements cannot lie in the %,d bytes left"
                            .formatted(what, Integer.toUnsignedLong(count), available()));
        }
        return count;
    }

    /// An exception that says where in the range the reader stands.
    CorruptRecordException corrupt(String what) {
        return new CorruptRecordException(
                "%s, before byte %,d of %,d. The bytes are damaged or were written for another type."
                        .formatted(what, position(), end - start));
    }

    private int take(int count, String what) {
        int at = next;
        if (end - at < count) {
            throw beyondEnd(count, what);
        }
        next = at + count;
        return at;
    }

    private int take(long count, String what) {
        if (available() < count) {
            throw beyondEnd(count, what);
        }
        return take((int) count, what);
    }

    private CorruptRecordException beyondEnd(long count, String what) {
        return new CorruptRecordException(
                "cannot read %s of %,d bytes at byte %,d of %,d: %,d bytes are left. The bytes were cut off or were written for another type."
                        .formatted(what, count, position(), end - start, available()));
    }
}
