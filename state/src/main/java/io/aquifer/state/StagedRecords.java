package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

import java.util.Arrays;

/// Copies of records on pages of their own, one behind the other, each within a page:
///
/// ```
/// | link i64 | routing i64 | record, as in the table |
/// ```
///
/// **Threads.** One at a time.
final class StagedRecords {
    private static final int LINK = 8;
    private static final int HEAD = 16;

    /// The pages with copies, and how many bytes of each.
    private long[] pages = new long[4];

    private int[] used = new int[4];
    private int count;

    /// What a copy of a record of so many bytes takes.
    static int bytesFor(int recordBytes) {
        return HEAD + ((recordBytes + 7) & -8);
    }

    boolean fits(int recordBytes) {
        return count != 0 && used[count - 1] + bytesFor(recordBytes) <= RecordPages.PAGE_BYTES;
    }

    void addPage(long page) {
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, 2 * count);
            used = Arrays.copyOf(used, 2 * count);
        }
        used[count] = 0;
        pages[count++] = page;
    }

    int pageCount() {
        return count;
    }

    /// Adds a copy that [#fits].
    ///
    /// @return where it lies
    long add(long link, long routing, long record, int recordBytes) {
        long copy = pages[count - 1] + used[count - 1];
        putLong(copy, link);
        putLong(copy + LINK, routing);
        PageAccess.copy(record, copy + HEAD, recordBytes);
        used[count - 1] += bytesFor(recordBytes);
        return copy;
    }

    static long link(long copy) {
        return getLong(copy);
    }

    static void setLink(long copy, long link) {
        putLong(copy, link);
    }

    static long routing(long copy) {
        return getLong(copy + LINK);
    }

    /// The address of the record that was copied.
    static long record(long copy) {
        return copy + HEAD;
    }

    /// Adds all copies to an order of records.
    void addTo(RoutingOrder order) {
        for (int i = 0; i < count; i++) {
            for (long at = pages[i]; at < pages[i] + used[i]; ) {
                order.add(routing(at), record(at));
                at += bytesFor(RecordContent.inlineBytes(getLong(record(at))));
            }
        }
    }

    /// Hands the pages out; it has none afterwards.
    long[] takePages() {
        long[] taken = Arrays.copyOf(pages, count);
        count = 0;
        return taken;
    }
}
