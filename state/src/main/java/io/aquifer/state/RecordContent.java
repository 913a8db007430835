package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.memory.kernel.PageAccess;

/// What lies behind the header of a record, by the record's address, and how much room that takes.
/// Of records that are not large any thread may read, if nobody changes them.
final class RecordContent {
    private final LargeRecords large;
    private final boolean growable;

    /// @param growable whether the room of a value grows by a quarter at a time
    RecordContent(LargeRecords large, boolean growable) {
        this.large = large;
        this.growable = growable;
    }

    static int valueLength(long record) {
        long header = getLong(record);
        return RecordHeader.isLarge(header)
                ? LargeRecords.valueLength(record)
                : RecordHeader.valueLength(header);
    }

    /// Of a record that is not large.
    static long valueAddress(long record, long header) {
        return record + RecordHeader.BYTES + RecordHeader.keyLength(header);
    }

    void readKey(long record, ByteSlot out) {
        long header = getLong(record);
        if (RecordHeader.isLarge(header)) {
            large.readKey(record, out.resize(LargeRecords.keyLength(record)), 0);
        } else {
            int length = RecordHeader.keyLength(header);
            PageAccess.copy(record + RecordHeader.BYTES, out.resize(length), 0, length);
        }
    }

    void readValue(long record, ByteSlot out) {
        long header = getLong(record);
        if (RecordHeader.isLarge(header)) {
            large.readValue(record, out.resize(LargeRecords.valueLength(record)));
        } else {
            int length = RecordHeader.valueLength(header);
            PageAccess.copy(valueAddress(record, header), out.resize(length), 0, length);
        }
    }

    /// Copies `value[at .. at + length)` to `to[offset ..)`.
    void readValue(long record, int at, byte[] to, int offset, int length) {
        long header = getLong(record);
        if (RecordHeader.isLarge(header)) {
            large.readValue(record, at, to, offset, length);
        } else {
            PageAccess.copy(valueAddress(record, header) + at, to, offset, length);
        }
    }

    /// Bytes of a record that is not large.
    static int inlineBytes(long header) {
        return RecordHeader.BYTES
                + RecordHeader.keyLength(header)
                + RecordHeader.valueLength(header);
    }

    /// The bytes that a record of so many takes from its page.
    int roomFor(int bytes) {
        if (!growable || bytes <= 64) {
            return (bytes + 7) & -8;
        }
        // Quarter steps of a doubling.
        int step = Integer.highestOneBit(bytes - 1) >> 2;
        return Math.min((bytes + step - 1) & -step, RecordHeader.INLINE_MAX);
    }

    /// The bytes that a record takes from its page.
    int roomOf(long record) {
        long header = getLong(record);
        return RecordHeader.isLarge(header)
                ? LargeRecords.RECORD_BYTES
                : roomFor(inlineBytes(header));
    }

    /// As [#roomOf], with the pages of a large record.
    int allRoomOf(long record) {
        return RecordHeader.isLarge(getLong(record))
                ? LargeRecords.RECORD_BYTES
                        + LargeRecords.pageCount(record) * RecordPages.PAGE_BYTES
                : roomOf(record);
    }

    static boolean isLarge(int keyLength, int valueLength) {
        return keyLength > RecordHeader.KEY_MAX
                || (long) RecordHeader.BYTES + keyLength + valueLength > RecordHeader.INLINE_MAX;
    }

    static void checkLength(long valueLength) {
        if (valueLength > Integer.MAX_VALUE - 64) {
            throw new IllegalStateException(
                    "cannot let a value grow to "
                            + valueLength
                            + " bytes: 2147483583 are the most that one key takes. Spread what"
                            + " belongs to the key over more keys, or use a MapState.");
        }
    }
}
