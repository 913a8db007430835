package io.aquifer.memory;

import io.aquifer.memory.space.PageSpace;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.BitSet;

/// What the ledger knows of each page: where it is and who has it. Guarded by the ledger's lock.
///
/// **Invariant**: every page is in exactly one place: *clean* (a bit is set; it takes no memory),
/// in the list of the lease that holds it, or *dirty* (released but still resident) in the list of
/// its pool.
final class PageTable {
    private static final int NONE = -1;

    /// A list of pages, newest first; its links live in the table.
    static final class PageList {
        private int newest = NONE;
        private int oldest = NONE;
        private int count;

        int count() {
            return count;
        }
    }

    private final PageSpace space;
    private final BitSet clean;
    private int cleanFrom;
    private int[] older = new int[0];
    private int[] newer = new int[0];
    private int[] lastScope = new int[0];
    private @Nullable PageLease[] holder = new @Nullable PageLease[0];

    PageTable(PageSpace space) {
        this.space = space;
        this.clean = new BitSet(space.pageCount());
        clean.set(0, space.pageCount());
    }

    PageSpace space() {
        return space;
    }

    int cleanCount() {
        return clean.cardinality();
    }

    long address(int page) {
        return space.address(page);
    }

    int pageAt(long address) {
        return space.pageAt(address);
    }

    /// Who holds the page, or null if it is dirty or clean.
    @Nullable PageLease holder(int page) {
        return page < holder.length ? holder[page] : null;
    }

    int lastScope(int page) {
        return lastScope[page];
    }

    /// Takes the lowest clean page, so that use stays dense and free ranges coalesce.
    ///
    /// @throws OutOfMemoryError if the operating system has no memory; nothing was changed
    int takeClean() {
        int page = clean.nextSetBit(cleanFrom);
        if (page < 0) {
            throw new IllegalStateException("the ledger promised a clean page and there is none");
        }
        growTo(page);
        space.commit(page);
        clean.clear(page);
        cleanFrom = page + 1;
        return page;
    }

    /// Decommits pages that are in no list; `pages[from..to)` must be sorted.
    void putClean(int[] pages, int from, int to) {
        space.decommit(pages, from, to);
        for (int i = from; i < to; i++) {
            clean.set(pages[i]);
        }
        if (from < to) {
            cleanFrom = Math.min(cleanFrom, pages[from]);
        }
    }

    void push(PageList list, int page, @Nullable PageLease newHolder, int scope) {
        holder[page] = newHolder;
        lastScope[page] = scope;
        older[page] = list.newest;
        newer[page] = NONE;
        if (list.newest == NONE) {
            list.oldest = page;
        } else {
            newer[list.newest] = page;
        }
        list.newest = page;
        list.count++;
    }

    void remove(PageList list, int page) {
        int before = older[page];
        int after = newer[page];
        if (before == NONE) {
            list.oldest = after;
        } else {
            newer[before] = after;
        }
        if (after == NONE) {
            list.newest = before;
        } else {
            older[after] = before;
        }
        holder[page] = null;
        list.count--;
    }

    /// The newest page of a list that is not empty, which leaves the list.
    int takeNewest(PageList list) {
        int page = list.newest;
        remove(list, page);
        return page;
    }

    /// Up to `countMax` of the oldest pages, sorted, which leave the list.
    int[] takeOldest(PageList list, int countMax) {
        int[] pages = new int[Math.min(list.count, countMax)];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = list.oldest;
            remove(list, pages[i]);
        }
        Arrays.sort(pages);
        return pages;
    }

    /// The pages of a list whose last user was `scope`, sorted, which leave the list.
    int[] takeOfScope(PageList list, int scope) {
        int[] pages = new int[list.count];
        int found = 0;
        int page = list.newest;
        while (page != NONE) {
            int next = older[page];
            if (lastScope[page] == scope) {
                remove(list, page);
                pages[found++] = page;
            }
            page = next;
        }
        int[] sorted = Arrays.copyOf(pages, found);
        Arrays.sort(sorted);
        return sorted;
    }

    /// All pages of a list, sorted; they stay in it.
    int[] sorted(PageList list) {
        int[] pages = new int[list.count];
        int i = 0;
        for (int page = list.newest; page != NONE; page = older[page]) {
            pages[i++] = page;
        }
        Arrays.sort(pages);
        return pages;
    }

    private void growTo(int page) {
        if (page >= holder.length) {
            int length =
                    Math.min(
                            space.pageCount(), Math.max(page + 1, Math.max(64, holder.length * 2)));
            older = Arrays.copyOf(older, length);
            newer = Arrays.copyOf(newer, length);
            lastScope = Arrays.copyOf(lastScope, length);
            holder = Arrays.copyOf(holder, length);
        }
    }
}
