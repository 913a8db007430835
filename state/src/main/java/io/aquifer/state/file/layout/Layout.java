package io.aquifer.state.file.layout;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// The layout of a state file, format version 1; `docs/checkpoint-format.md` says it in words.
///
/// ```
/// +-------------+---------+---------+-----+--------+------------+
/// | file header | block 0 | block 1 | ... | footer | trailer 32 |
/// +-------------+---------+---------+-----+--------+------------+
///
/// file header                            block                            trailer
///  0 magic u64                            0 magic u32                      0 footer offset u64
///  8 version u32                          4 payload bytes u32              8 footer bytes u32
/// 12 header bytes u32                     8 bytes once decoded u32        12 footer CRC u32
/// 16 flags u32                           12 section u32                   16 version u32
/// 20 subtask u32                         16 entries u32                   20 trailer CRC u32
/// 24 max parallelism u32                 20 first key group u32           24 magic u64
/// 28 first key group u32                 24 last key group u32
/// 32 last key group u32                  28 body kind u8
/// 36 operator id bytes u32               29 codec u8
/// 40 operator id                         30 flags u16
///  n CRC u32                             32 CRC u32, of bytes 0-31 and payload
///                                        36 payload
/// ```
///
/// All numbers are little endian; all CRCs are CRC-32C.
///
/// This package is what the packages that read and write state files share; it is not exported.
public final class Layout {
    public static final int VERSION = 1;

    /// `AQSTATE` and a zero.
    public static final long FILE_MAGIC = 0x0045_5441_5453_5141L;

    /// `AQSTEND` and a zero.
    public static final long TRAILER_MAGIC = 0x0044_4E45_5453_5141L;

    /// `ABLK`.
    public static final int BLOCK_MAGIC = 0x4B4C_4241;

    /// `AFTR`.
    public static final int FOOTER_MAGIC = 0x5254_4641;

    public static final int HEADER_FIXED = 40;
    public static final int OPERATOR_BYTES_MAX = 65_535;
    public static final int BLOCK_HEADER = 36;
    public static final int BLOCK_CHECKED = 32;
    public static final int TRAILER = 32;
    public static final int TRAILER_CHECKED = 20;

    /// A block ends before the entry that would make its payload longer.
    public static final int PAYLOAD_TARGET = 1 << 16;

    /// The longest payload, of a block with one entry: header and payload fit a Java array.
    public static final int PAYLOAD_MAX = Integer.MAX_VALUE - 1024;

    public static final int FOOTER_MAX = Integer.MAX_VALUE - 8;

    /// Body kinds from here on only help to find entries: who does not know one passes it over.
    public static final int AUXILIARY = 128;

    /// Entries in no particular order.
    public static final int UNORDERED = 1;

    /// Entries by routing, kind and key; `io.aquifer.state.run` reads and writes them.
    public static final int ORDERED_RUN = 2;

    /// Header flag: the file holds changes to what older files say.
    public static final int CHANGES_FILE = 1;

    /// Block flag: the entries are changes.
    public static final int CHANGES_BLOCK = 1;

    /// The codec that leaves the bytes as they are.
    public static final int STORED = 0;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private Layout() {}

    public static long getLong(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    public static void putLong(byte[] bytes, int at, long value) {
        LONGS.set(bytes, at, value);
    }

    public static int getInt(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    public static void putInt(byte[] bytes, int at, int value) {
        INTS.set(bytes, at, value);
    }

    public static int getShort(byte[] bytes, int at) {
        return (short) SHORTS.get(bytes, at) & 0xFFFF;
    }

    public static void putShort(byte[] bytes, int at, int value) {
        SHORTS.set(bytes, at, (short) value);
    }

    /// The CRC-32C of the first `count` bytes.
    public static int checksum(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }

    /// How many bytes a length takes, seven bits to a byte.
    public static int varintBytes(int value) {
        return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
    }

    /// Writes a length, at least 0, and returns the offset after it.
    public static int putVarint(byte[] bytes, int offset, int value) {
        int at = offset;
        int rest = value;
        for (; rest >= 0x80; rest >>>= 7) {
            bytes[at++] = (byte) (rest | 0x80);
        }
        bytes[at++] = (byte) rest;
        return at;
    }
}
