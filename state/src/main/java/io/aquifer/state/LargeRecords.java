package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.putInt;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

/// Records that do not fit beside others: key and value, one after the other, on a chain of pages
/// of their own.
///
/// ```
/// | header 8 | key length i32 | value length i32 | first page i32 | last page i32 |    the record
/// | next page i32, 0 for none | 0 i32 | 32,760 bytes                             |    each page
/// ```
///
/// Every page but the last is full. All pages of a record change hands with it: a record that moves
/// is copied as its 24 bytes.
final class LargeRecords {
    static final int RECORD_BYTES = 24;

    private static final int PAGE_HEADER = 8;
    private static final int PAGE_DATA = RecordPages.PAGE_BYTES - PAGE_HEADER;

    private final RecordPages pages;

    LargeRecords(RecordPages pages) {
        this.pages = pages;
    }

    static int pagesFor(long bytes) {
        return (int) Math.max(1, (bytes + PAGE_DATA - 1) / PAGE_DATA);
    }

    /// How many pages more a record takes to hold so many bytes more.
    static int pagesToAppend(long record, int bytes) {
        long before = (long) keyLength(record) + valueLength(record);
        return pagesFor(before + bytes) - pagesFor(before);
    }

    static int keyLength(long record) {
        return getInt(record + 8);
    }

    static int valueLength(long record) {
        return getInt(record + 12);
    }

    static int pageCount(long record) {
        return pagesFor((long) keyLength(record) + valueLength(record));
    }

    private static int first(long record) {
        return getInt(record + 16);
    }

    /// Makes a record of its header and pages that were taken before.
    ///
    /// @param taken addresses of as many pages as [#pagesFor] says, from `from` on
    void create(
            long record,
            long header,
            StateKey key,
            byte[] value,
            int valueOffset,
            int valueLength,
            long[] taken,
            int from) {
        int keyLength = key.length();
        putLong(record, header);
        putInt(record + 8, keyLength);
        putInt(record + 12, valueLength);
        int count = pagesFor((long) keyLength + valueLength);
        int next = 0;
        int last = 0;
        for (int i = count - 1; i >= 0; i--) {
            int number = pages.add(taken[from + i]);
            putLong(taken[from + i], next);
            next = number;
            last = last == 0 ? number : last;
        }
        putInt(record + 16, next);
        putInt(record + 20, last);
        write(record, 0, key.bytes(), key.offset(), keyLength);
        write(record, keyLength, value, valueOffset, valueLength);
    }

    /// Replaces the value by one of the same length, or a part of it.
    void overwriteValue(long record, int at, byte[] bytes, int offset, int length) {
        write(record, (long) keyLength(record) + at, bytes, offset, length);
    }

    /// Adds bytes at the end of the value.
    ///
    /// @param taken addresses of as many pages as [#pagesToAppend] says, from `from` on
    void append(long record, byte[] bytes, int offset, int length, long[] taken, int from) {
        long before = (long) keyLength(record) + valueLength(record);
        int more = pagesToAppend(record, length);
        int used = (int) (before - (pagesFor(before) - 1L) * PAGE_DATA);
        int oldLast = getInt(record + 20);
        for (int i = 0; i < more; i++) {
            int number = pages.add(taken[from + i]);
            putLong(taken[from + i], 0);
            putInt(pages.pageAddress(getInt(record + 20)), number);
            putInt(record + 20, number);
        }
        putInt(record + 12, valueLength(record) + length);
        int page = oldLast;
        int at = used;
        for (int done = 0; done < length; ) {
            if (at == PAGE_DATA) {
                page = getInt(pages.pageAddress(page));
                at = 0;
            }
            int part = Math.min(length - done, PAGE_DATA - at);
            PageAccess.copy(bytes, offset + done, pages.pageAddress(page) + PAGE_HEADER + at, part);
            at += part;
            done += part;
        }
    }

    void readKey(long record, byte[] to, int offset) {
        read(record, 0, to, offset, keyLength(record));
    }

    /// Copies the value to the beginning of `to`.
    void readValue(long record, byte[] to) {
        read(record, keyLength(record), to, 0, valueLength(record));
    }

    /// Copies a part of the value.
    void readValue(long record, int at, byte[] to, int offset, int length) {
        read(record, (long) keyLength(record) + at, to, offset, length);
    }

    boolean keyEquals(long record, byte[] key, int offset, int length) {
        if (keyLength(record) != length) {
            return false;
        }
        int page = first(record);
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, PAGE_DATA);
            long address = pages.pageAddress(page);
            if (!PageAccess.equals(address + PAGE_HEADER, key, offset + done, part)) {
                return false;
            }
            page = getInt(address);
            done += part;
        }
        return true;
    }

    /// Gives the pages of a record back.
    void release(long record) {
        for (int page = first(record); page != 0; ) {
            int next = getInt(pages.pageAddress(page));
            pages.release(page);
            page = next;
        }
    }

    private void write(long record, long at, byte[] from, int offset, int length) {
        int page = pageOf(record, at, length);
        int inPage = (int) (at % PAGE_DATA);
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, PAGE_DATA - inPage);
            long address = pages.pageAddress(page);
            PageAccess.copy(from, offset + done, address + PAGE_HEADER + inPage, part);
            page = getInt(address);
            inPage = 0;
            done += part;
        }
    }

    private void read(long record, long at, byte[] to, int offset, int length) {
        int page = pageOf(record, at, length);
        int inPage = (int) (at % PAGE_DATA);
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, PAGE_DATA - inPage);
            long address = pages.pageAddress(page);
            PageAccess.copy(address + PAGE_HEADER + inPage, to, offset + done, part);
            page = getInt(address);
            inPage = 0;
            done += part;
        }
    }

    private int pageOf(long record, long at, int length) {
        int page = first(record);
        if (length != 0) {
            for (long skipped = at / PAGE_DATA; skipped > 0; skipped--) {
                page = getInt(pages.pageAddress(page));
            }
        }
        return page;
    }
}
