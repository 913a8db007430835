package io.aquifer.state.run;

import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.layout.Layout;

import java.util.Arrays;

/// Goes through the entries of a block in memory, or to one of them. Its fields are the entry it
/// stands at.
final class BlockEntries {
    private static final int PAYLOAD = Layout.BLOCK_HEADER;
    private static final byte[] NOTHING = {};

    /// The block from its header on, with eight bytes more than it has.
    byte[] bytes = NOTHING;

    private String file = "";
    private long blockOffset;

    /// Where the entries end and the anchors begin.
    private int end;

    private int count;
    private long firstRouting;

    /// Entries before the next one.
    private int index;

    /// Where the next one begins.
    private int position;

    long routing;
    int op;
    int kind;
    int keyOffset;
    int keyLength;
    int valueOffset;
    int valueLength;
    private int routingBytes;

    /// Before the first entry of a block whose checksum fits.
    ///
    /// @param blockBytes header and payload
    void open(byte[] block, int blockBytes, int entries, String name, long offset)
            throws CorruptStateFileException {
        bytes = block;
        file = name;
        blockOffset = offset;
        count = entries;
        int anchors = RunLayout.anchors(entries);
        end = blockBytes - anchors * Short.BYTES;
        firstRouting = Layout.getLong(block, PAYLOAD);
        rewind();
        boolean tooLong = blockBytes - PAYLOAD > RunLayout.ANCHORED_PAYLOAD_MAX;
        if (entries < 1 || end < position || entries > 1 && tooLong) {
            throw damaged(0, "it cannot hold %,d entries".formatted(entries));
        }
    }

    /// Before the first entry.
    void rewind() {
        index = 0;
        position = PAYLOAD + RunLayout.ENTRIES;
    }

    /// Goes to the next entry; false after the last.
    boolean next() throws CorruptStateFileException {
        if (index == count) {
            return false;
        }
        int at = readHead(position);
        long base = (index & RunLayout.ANCHOR_MASK) == 0 ? firstRouting : routing;
        routing = base + RunLayout.lowBytes(Layout.getLong(bytes, at), routingBytes);
        place(at + routingBytes);
        return true;
    }

    /// Where key and value lie, and the next entry.
    private void place(int at) throws CorruptStateFileException {
        keyOffset = at;
        valueOffset = at + keyLength;
        position = valueOffset + valueLength;
        index++;
        if ((long) at + keyLength + valueLength > end || index == count && position != end) {
            throw damagedEntry();
        }
    }

    /// Reads what is before the routing part of an entry, and returns where that begins.
    private int readHead(int start) throws CorruptStateFileException {
        int head = bytes[start];
        int lengths = bytes[start + 1];
        op = head >>> RunLayout.OP_SHIFT & 3;
        kind = head >>> RunLayout.KIND_SHIFT & RunLayout.KIND_MAX;
        routingBytes = head & RunLayout.ROUTING_MASK;
        keyLength = lengths & RunLayout.LENGTH_MASK;
        valueLength = lengths >>> RunLayout.VALUE_SHIFT & RunLayout.LENGTH_MASK;
        int at = start + 2;
        if (keyLength == RunLayout.LENGTH_MORE || valueLength == RunLayout.LENGTH_MORE) {
            at = readLengths(at);
        }
        if (routingBytes > Long.BYTES || op >= RunLayout.OPS || at > end - routingBytes) {
            throw damagedEntry();
        }
        return at;
    }

    private int readLengths(int start) throws CorruptStateFileException {
        position = start;
        if (keyLength == RunLayout.LENGTH_MORE) {
            keyLength = readMore();
        }
        if (valueLength == RunLayout.LENGTH_MORE) {
            valueLength = readMore();
        }
        return position;
    }

    private int readMore() throws CorruptStateFileException {
        long value = RunLayout.LENGTH_MORE;
        for (int shift = 0; shift <= 28 && position < end; shift += 7) {
            int part = bytes[position++];
            value += (part & 0x7FL) << shift;
            if (part >= 0 && value <= Integer.MAX_VALUE) {
                return (int) value;
            }
        }
        throw damagedEntry();
    }

    /// Goes before the first entry, or before one whose routing is less than `target`, with at most
    /// 16 more such entries behind it.
    void seek(long target) throws CorruptStateFileException {
        int low = 0;
        int high = RunLayout.anchors(count);
        // The anchors before `low` are less than the target, those from `high` on are not.
        while (low < high) {
            int middle = low + high >>> 1;
            if (Long.compareUnsigned(anchorRouting(middle), target) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        rewind();
        if (low > 0) {
            index = low << RunLayout.ANCHOR_SHIFT;
            position = anchor(low - 1);
        }
    }

    /// Where the entry of an anchor begins.
    private int anchor(int number) throws CorruptStateFileException {
        int at = PAYLOAD + Layout.getShort(bytes, end + number * Short.BYTES);
        if (at < PAYLOAD + RunLayout.ENTRIES || at >= end) {
            throw damagedEntry();
        }
        return at;
    }

    private long anchorRouting(int number) throws CorruptStateFileException {
        int at = readHead(anchor(number));
        return firstRouting + RunLayout.lowBytes(Layout.getLong(bytes, at), routingBytes);
    }

    /// Goes to the entry with a key; false if there is none.
    boolean find(long target, int targetKind, byte[] key, int offset, int length)
            throws CorruptStateFileException {
        seek(target);
        while (next()) {
            if (routing == target) {
                int order = compareKey(targetKind, key, offset, length);
                if (order >= 0) {
                    return order == 0;
                }
            } else if (Long.compareUnsigned(routing, target) > 0) {
                return false;
            }
        }
        return false;
    }

    /// How the entry compares with others of the same routing.
    int compareKey(int otherKind, byte[] key, int offset, int length) {
        if (kind != otherKind) {
            return kind < otherKind ? -1 : 1;
        }
        return Arrays.compareUnsigned(
                bytes, keyOffset, keyOffset + keyLength, key, offset, offset + length);
    }

    /// The entries contradict a checksum that fits: written so. Whoever goes on is told again.
    private CorruptStateFileException damagedEntry() {
        CorruptStateFileException damaged =
                damaged(
                        position,
                        "entry %,d of %,d does not fit what is left of its block"
                                .formatted(index, count));
        count = Integer.MAX_VALUE;
        position = end;
        return damaged;
    }

    private CorruptStateFileException damaged(int at, String what) {
        return CorruptStateFileException.damaged(file, blockOffset + at, what);
    }
}
