package io.aquifer.state.run;

import io.aquifer.state.file.layout.Layout;

import java.io.IOException;

/// The layout of what is in the blocks of a run; `docs/checkpoint-format.md` says it in words.
///
/// ```
/// block of entries                       entry
///  0 routing of the first entry u64       0 head u8: bits 0-3 bytes of the routing part,
///  8 key group bits u8                        4-5 kind, 6-7 what it does
///  9 entries                              1 lengths u8: bits 0-3 key, 4-7 value; 15 stands for
///  n anchors, u16 each: where every           15 and the varint that follows
///    16th entry begins                    2 [key length - 15] [value length - 15]
///                                         n routing part, key, value
///
/// block of fences                        fence
///  0 number of the first fence u64        0 routing u64        20 entries u32
///  8 fences of the run u64                8 offset u64         24 CRC u32
/// 16 last routing of the run u64         16 bytes u32          28 tail u8: 0, or kind + 1,
/// 24 fences                                                       with bit 7 if it is cut
///                                                              29 [key bytes u8] [key bytes]
/// block of a filter
///  0 lines of the filter u64             16 probes u32         24 lines of 64 bytes
///  8 number of the first line u64        20 hash u32, 1
/// ```
///
/// The routing part is what the entry's routing is above that of the entry before; of entries 0,
/// 16, 32 and so on, above that of the first entry.
final class RunLayout {
    static final int PUT = 0;
    static final int DELETE = 1;
    static final int APPEND = 2;
    static final int OPS = 3;
    static final int KIND_MAX = 3;

    static final int KIND_SHIFT = 4;
    static final int OP_SHIFT = 6;
    static final int ROUTING_MASK = 0xF;
    static final int VALUE_SHIFT = 4;
    static final int LENGTH_MASK = 0xF;
    static final int LENGTH_MORE = 15;

    /// Where the entries begin in a payload.
    static final int ENTRIES = 9;

    /// The most bytes of an entry before its key.
    static final int HEAD_MAX = 2 + 5 + 5 + 8;

    static final int ANCHOR_SHIFT = 4;
    static final int ANCHOR_MASK = (1 << ANCHOR_SHIFT) - 1;

    /// A block with more than one entry has no longer payload.
    static final int ANCHORED_PAYLOAD_MAX = 65_535;

    static final int FENCES = 128;
    static final int FENCES_HEADER = 24;
    static final int FENCE = 29;
    static final int TAIL_CUT = 0x80;
    static final int TAIL_KEY_MAX = 255;

    static final int FILTER = 129;
    static final int FILTER_HEADER = 24;
    static final int FILTER_HASH = 1;
    static final int LINE = 64;

    /// How much of fences or a filter is in a block.
    static final int AUXILIARY_BYTES = 32 * 1024;

    private static final EntryOp[] NAMES = {EntryOp.PUT, EntryOp.DELETE, EntryOp.APPEND};

    private RunLayout() {}

    /// How many anchors a block of so many entries has.
    static int anchors(int entries) {
        return (entries - 1) >> ANCHOR_SHIFT;
    }

    /// How many bytes a routing part takes.
    static int routingBytes(long part) {
        return (Long.SIZE + 7 - Long.numberOfLeadingZeros(part)) >>> 3;
    }

    /// The low `bytes` bytes of a number.
    static long lowBytes(long word, int bytes) {
        return bytes == 0 ? 0 : word & (-1L >>> (Long.SIZE - (bytes << 3)));
    }

    /// The length of a value that is made of several.
    ///
    /// @throws IOException if no entry can have it
    static int valueLength(long bytes) throws IOException {
        if (bytes > Layout.PAYLOAD_MAX) {
            throw new IOException(
                    "a value has %,d bytes once all that was appended is added up; %,d are the most. Divide the list among several keys."
                            .formatted(bytes, Layout.PAYLOAD_MAX));
        }
        return (int) bytes;
    }

    static EntryOp name(int op) {
        return NAMES[op];
    }

    static int code(EntryOp op) {
        return op == EntryOp.PUT ? PUT : op == EntryOp.DELETE ? DELETE : APPEND;
    }
}
