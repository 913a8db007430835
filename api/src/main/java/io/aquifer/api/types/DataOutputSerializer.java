package io.aquifer.api.types;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/// A growing byte array on the heap that records are written to, little endian.
///
/// **Invariant**: `0 <= length() <= maxBytes()`, and `buffer()[0 .. length())` are the bytes
/// written since [#clear]. The array is replaced when it grows, so [#buffer] is asked again after
/// every write.
///
/// | Layout         | Bytes                                                                                        |
/// |----------------|----------------------------------------------------------------------------------------------|
/// | fixed width    | little endian; every NaN is written as the canonical one, so that equal values give equal bytes |
/// | unsigned var   | seven bits a byte, low bits first, top bit set when more follow: 1 to 5 (int), 1 to 10 (long) |
/// | var            | the zigzag of the signed value, written as unsigned var                                      |
/// | string         | unsigned var `length << 1 | wide`, then Latin-1 (1 byte a char) or, when wide, UTF-16 (2 bytes) |
/// | utf8           | unsigned var count of bytes, then the bytes                                                  |
///
/// A write that passes the maximum throws [RecordTooLargeException]; the length is then somewhere
/// inside the record and is set back by [#clear] or [#setLength]. **Threads**: one at a time.
/// Nothing waits.
public final class DataOutputSerializer {
    /// The largest record unless said otherwise: 64 MiB.
    public static final int DEFAULT_MAX_BYTES = 64 << 20;

    private static final int DEFAULT_CAPACITY_BYTES = 256;
    private static final int DOUBLING_ENDS_BYTES = 1 << 20;

    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle CHAR = view(char[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private final int maxBytes;
    private byte[] buffer;
    private int length;

    /// Starts with 256 bytes and grows to [#DEFAULT_MAX_BYTES].
    public DataOutputSerializer() {
        this(DEFAULT_CAPACITY_BYTES, DEFAULT_MAX_BYTES);
    }

    /// @param capacityBytes the size of the first array, not negative
    /// @param maxBytes the most bytes it may hold, at least `capacityBytes`
    public DataOutputSerializer(int capacityBytes, int maxBytes) {
        if (capacityBytes < 0 || capacityBytes > maxBytes) {
            throw new IllegalArgumentException(
                    "capacity of %,d bytes is not between 0 and the maximum of %,d bytes"
                            .formatted(capacityBytes, maxBytes));
        }
        this.maxBytes = maxBytes;
        this.buffer = new byte[capacityBytes];
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
    }

    /// The array itself, not a copy: valid up to [#length], until the next write.
    public byte[] buffer() {
        return buffer;
    }

    /// Bytes written.
    public int length() {
        return length;
    }

    public int maxBytes() {
        return maxBytes;
    }

    /// Forgets what was written; the array stays.
    public void clear() {
        length = 0;
    }

    /// Cuts back to, or reserves up to, `newLength` bytes; what a longer length adds is undefined.
    public void setLength(int newLength) {
        if (newLength < 0) {
            throw new IllegalArgumentException(
                    "length of %,d bytes is negative".formatted(newLength));
        }
        if (newLength > buffer.length) {
            grow(newLength - (long) length);
        }
        length = newLength;
    }

    /// A copy of the bytes written.
    public byte[] toByteArray() {
        return Arrays.copyOf(buffer, length);
    }

    public void writeByte(int value) {
        int at = reserve(Byte.BYTES);
        buffer[at] = (byte) value;
    }

    public void writeBoolean(boolean value) {
        writeByte(value ? 1 : 0);
    }

    public void writeShort(int value) {
        int at = reserve(Short.BYTES);
        SHORT.set(buffer, at, (short) value);
    }

    public void writeChar(int value) {
        int at = reserve(Character.BYTES);
        CHAR.set(buffer, at, (char) value);
    }

    public void writeInt(int value) {
        int at = reserve(Integer.BYTES);
        INT.set(buffer, at, value);
    }

    public void writeLong(long value) {
        int at = reserve(Long.BYTES);
        LONG.set(buffer, at, value);
    }

    public void writeFloat(float value) {
        writeInt(Float.floatToIntBits(value));
    }

    public void writeDouble(double value) {
        writeLong(Double.doubleToLongBits(value));
    }

    /// Writes a signed value in 1 to 5 bytes, small magnitudes in few.
    public void writeVarInt(int value) {
        writeUnsignedVarInt(value << 1 ^ value >> 31);
    }

    /// Writes a signed value in 1 to 10 bytes, small magnitudes in few.
    public void writeVarLong(long value) {
        writeUnsignedVarLong(value << 1 ^ value >> 63);
    }

    /// Writes `value`, taken as unsigned, in 1 to 5 bytes.
    public void writeUnsignedVarInt(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            writeByte(rest | 0x80);
            rest >>>= 7;
        }
        writeByte(rest);
    }

    /// Writes `value`, taken as unsigned, in 1 to 10 bytes.
    public void writeUnsignedVarLong(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            writeByte((int) rest | 0x80);
            rest >>>= 7;
        }
        writeByte((int) rest);
    }

    public void write(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        int at = reserve(count);
        System.arraycopy(bytes, offset, buffer, at, count);
    }

    public void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    /// Writes any string, unpaired surrogates too, so that [DataInputDeserializer#readString] gives
    /// an equal one.
    public void writeString(String value) {
        int chars = value.length();
        if (isLatin1(value)) {
            writeUnsignedVarInt(chars << 1);
            int at = reserve(chars);
            copyLatin1(value, at);
        } else {
            writeUnsignedVarInt(chars << 1 | 1);
            int at = reserve(2L * chars);
            for (int i = 0; i < chars; i++) {
                CHAR.set(buffer, at + 2 * i, value.charAt(i));
            }
        }
    }

    /// Writes UTF-8, for readers other than [DataInputDeserializer#readString]; an unpaired
    /// surrogate becomes `?`.
    public void writeUtf8(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        writeUnsignedVarInt(bytes.length);
        write(bytes, 0, bytes.length);
    }

    /// Overwrites four bytes that were written before, as for a length that is known later.
    ///
    /// @param position of the first byte, at most `length() - 4`
    public void writeIntAt(int position, int value) {
        Objects.checkFromIndexSize(position, Integer.BYTES, length);
        INT.set(buffer, position, value);
    }

    private static boolean isLatin1(String value) {
        int bits = 0;
        for (int i = 0, n = value.length(); i < n; i++) {
            bits |= value.charAt(i);
        }
        return bits <= 0xFF;
    }

    // Deprecated because it drops the high byte of each char; here there is none, and it copies
    // without a new array.
    @SuppressWarnings("deprecation")
    private void copyLatin1(String value, int at) {
        value.getBytes(0, value.length(), buffer, at);
    }

    private int reserve(int count) {
        int at = length;
        if (buffer.length - at < count) {
            grow(count);
        }
        length = at + count;
        return at;
    }

    private int reserve(long count) {
        int at = length;
        if (buffer.length - at < count) {
            grow(count);
        }
        length = (int) (at + count);
        return at;
    }

    private void grow(long count) {
        long needed = length + count;
        if (needed > maxBytes) {
            throw new RecordTooLargeException(needed, maxBytes);
        }
        long step = buffer.length < DOUBLING_ENDS_BYTES ? buffer.length : buffer.length >> 2;
        long wanted = Math.max(needed, Math.max(buffer.length + step, 16));
        buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, maxBytes));
    }
}
