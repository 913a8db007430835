package io.aquifer.memory.space;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Pages in chunks of 4 MiB that come with their first page and go with their last.
///
/// A chunk counts as resident as a whole, so the space may seem to occupy more than its committed
/// pages, though never more than all its pages; and when callers take the lowest free page first,
/// less than one chunk more than the most it ever had committed. Closing frees the memory even if
/// users are left: their accesses throw.
final class ChunkedSpace implements PageSpace {
    private static final int PAGES_PER_CHUNK = ChunkTable.CHUNK_BYTES / PAGE_BYTES;

    private final int pageCount;
    private int[] numbers = new int[0];
    private int[] committed = new int[0];
    private final Map<Integer, Integer> indexOfNumber = new HashMap<>();
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
    public long address(int page) {
        long number = numbers[page / PAGES_PER_CHUNK];
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
        int index = page / PAGES_PER_CHUNK;
        if (index >= numbers.length) {
            int length = Math.max(index + 1, numbers.length * 2);
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
        for (int i = from; i < to; i++) {
            int index = pages[i] / PAGES_PER_CHUNK;
            if (--committed[index] == 0) {
                free(index);
            } else {
                ChunkTable.chunkOf(address(pages[i]))
                        .asSlice(ChunkTable.offsetOf(address(pages[i])), PAGE_BYTES)
                        .fill((byte) 0);
            }
        }
    }

    @Override
    public long residentBytes() {
        return residentBytes;
    }

    @Override
    public void close(boolean reusable) {
        closed = true;
        for (int index = 0; index < numbers.length; index++) {
            if (numbers[index] != 0) {
                free(index);
            }
        }
    }

    /// The last chunk has only the pages that are left, so that all chunks together are what was
    /// asked for.
    private long bytesOf(int index) {
        return (long) Math.min(PAGES_PER_CHUNK, pageCount - index * PAGES_PER_CHUNK) * PAGE_BYTES;
    }

    private void free(int index) {
        ChunkTable.free(numbers[index]);
        indexOfNumber.remove(numbers[index]);
        residentBytes -= bytesOf(index);
        numbers[index] = 0;
        committed[index] = 0;
    }
}
