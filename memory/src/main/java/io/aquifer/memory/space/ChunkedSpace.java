package io.aquifer.memory.space;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// Pages in chunks of 512 KiB that come with their first page and go with their last.
///
/// A chunk is an extent: freeing it closes its arena, which takes every view of its pages from
/// whoever still has one. It counts as resident as a whole, so the space may seem to occupy more
/// than its committed pages, though never more than all its pages; and when callers take the lowest
/// free page first, less than one chunk more than the most it ever had committed. A page
/// decommitted before the rest of its chunk is filled with zeros.
///
/// Closing frees the memory even if users are left: their accesses throw. A chunk that IO uses is
/// freed by a later [#retryFrees].
final class ChunkedSpace implements PageSpace {
    private static final int PAGES_PER_CHUNK = ChunkTable.CHUNK_BYTES / PAGE_BYTES;

    private final int pageCount;

    /// The number of each chunk that has memory, else 0. Volatile, since whoever has a page may ask
    /// where it is while the array is replaced by a longer one.
    private volatile int[] numbers = new int[0];

    private int[] committed = new int[0];
    private final Map<Integer, Integer> indexOfNumber = new HashMap<>();

    /// Pages that [#decommit] could not give back; still committed.
    private final BitSet leftover = new BitSet();

    private long residentBytes;
    private boolean closed;

    ChunkedSpace(int pageCount) {
        this.pageCount = pageCount;
    }

    @Override
    public int pageCount() {
        return pageCount;
    }

    @Override
    public int extentPages() {
        return PAGES_PER_CHUNK;
    }

    /// An address without memory if the page's chunk has none.
    @Override
    public long address(int page) {
        int[] chunks = numbers;
        int index = page / PAGES_PER_CHUNK;
        long number = index < chunks.length ? chunks[index] : 0;
        return number << ChunkTable.CHUNK_SHIFT | (long) (page % PAGES_PER_CHUNK) * PAGE_BYTES;
    }

    @Override
    public int pageAt(long address) {
        long number = address >>> ChunkTable.CHUNK_SHIFT;
        Integer index = number <= Integer.MAX_VALUE ? indexOfNumber.get((int) number) : null;
        long offset = ChunkTable.offsetOf(address);
        if (index == null || offset % PAGE_BYTES != 0) {
            return -1;
        }
        int page = index * PAGES_PER_CHUNK + (int) (offset / PAGE_BYTES);
        return page < pageCount ? page : -1;
    }

    @Override
    public void commit(int page) {
        if (leftover.get(page)) {
            AddressSpace.page(address(page)).fill((byte) 0);
            leftover.clear(page);
            return;
        }
        int index = page / PAGES_PER_CHUNK;
        if (index >= committed.length) {
            int length = Math.max(index + 1, committed.length * 2);
            numbers = Arrays.copyOf(numbers, length);
            committed = Arrays.copyOf(committed, length);
        }
        if (numbers[index] == 0) {
            int number = ChunkTable.allocate(bytesOf(index));
            residentBytes += bytesOf(index);
            numbers[index] = number;
            indexOfNumber.put(number, index);
        }
        committed[index]++;
    }

    @Override
    public void decommit(int[] pages, int from, int to) {
        if (closed) {
            return;
        }
        retryFrees();
        for (int page : tryDecommit(pages, from, to)) {
            leftover.set(page);
        }
    }

    @Override
    public int[] tryDecommit(int[] pages, int from, int to) {
        int[] stayed = new int[0];
        if (closed) {
            return stayed;
        }
        int start = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to || pages[i] / PAGES_PER_CHUNK != pages[start] / PAGES_PER_CHUNK) {
                if (start < i && !giveBack(pages, start, i)) {
                    int before = stayed.length;
                    stayed = Arrays.copyOf(stayed, before + i - start);
                    System.arraycopy(pages, start, stayed, before, i - start);
                }
                start = i;
            }
        }
        return stayed;
    }

    @Override
    public long retryFrees() {
        if (closed) {
            freeAll();
            return residentBytes;
        }
        if (!leftover.isEmpty()) {
            int[] pages = leftover.stream().toArray();
            leftover.clear();
            for (int page : tryDecommit(pages, 0, pages.length)) {
                leftover.set(page);
            }
        }
        return (long) leftover.cardinality() * PAGE_BYTES;
    }

    @Override
    public long residentBytes() {
        return residentBytes;
    }

    @Override
    public void close(boolean reusable) {
        closed = true;
        leftover.clear();
        freeAll();
    }

    private void freeAll() {
        for (int index = 0; index < committed.length; index++) {
            if (numbers[index] != 0) {
                free(index);
            }
        }
    }

    /// Gives back `pages[from..to)`, all of one chunk: with the chunk if they are its last.
    private boolean giveBack(int[] pages, int from, int to) {
        int index = pages[from] / PAGES_PER_CHUNK;
        if (committed[index] == to - from) {
            return free(index);
        }
        for (int i = from; i < to; i++) {
            AddressSpace.page(address(pages[i])).fill((byte) 0);
        }
        committed[index] -= to - from;
        return true;
    }

    /// The last chunk has only the pages that are left, so that all chunks together are what was
    /// asked for.
    private long bytesOf(int index) {
        return (long) Math.min(PAGES_PER_CHUNK, pageCount - index * PAGES_PER_CHUNK) * PAGE_BYTES;
    }

    private boolean free(int index) {
        if (!ChunkTable.free(numbers[index])) {
            return false;
        }
        indexOfNumber.remove(numbers[index]);
        residentBytes -= bytesOf(index);
        numbers[index] = 0;
        committed[index] = 0;
        return true;
    }
}
