package io.aquifer.state;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The records of a sorter that are in memory: a [ByteList] whose index is sorted in chunks, which
/// are then merged.
///
/// Sorting a chunk takes its records to the Java heap as objects, up to 4,096 of them or a
/// mebibyte. Merging keeps the first record of each chunk there unless it is larger than 4 KiB,
/// when it is made again for each comparison; that is at most a 256th of the records' bytes. So a
/// record becomes an object twice, not once per comparison.
final class SortBuffer<E> {
    private static final int CHUNK_RECORDS = 4096;
    static final int CHUNK_BYTES = 1 << 20;
    private static final int KEPT_HEAD_BYTES = 4096;

    private final ByteList list;
    private final RecordOrder<E> order;
    private final ByteSlot slot = new ByteSlot();

    /// Where each sorted chunk ends; the first begins at 0, the others where one ends.
    private long[] ends = new long[8];

    private int chunks;

    private record Entry<E>(E value, long place) {}

    SortBuffer(PageSource source, RecordOrder<E> order) {
        this.list = new ByteList(source);
        this.order = order;
    }

    /// Adds a record; false, with nothing changed, if there is no room. Never waits.
    boolean tryAdd(byte[] bytes, int offset, int length) {
        return list.tryAppend(bytes, offset, length);
    }

    long size() {
        return list.size();
    }

    int pageCount() {
        return list.pageCount();
    }

    /// Sorts what is there, and gives all of it in order; until the next change.
    Merge<E> sorted() {
        if (endOf(chunks) < list.size()) {
            // The last chunk may have room for what was added since, and many small ones cost.
            chunks = Math.max(0, chunks - 1);
        }
        while (endOf(chunks) < list.size()) {
            sortChunk(endOf(chunks));
        }
        List<Chunk> inputs = new ArrayList<>(chunks);
        for (int chunk = 0; chunk < chunks; chunk++) {
            inputs.add(new Chunk(endOf(chunk), ends[chunk]));
        }
        return new Merge<>(order, inputs);
    }

    /// Where the first `count` chunks end.
    private long endOf(int count) {
        return count == 0 ? 0 : ends[count - 1];
    }

    private void sortChunk(long from) {
        List<Entry<E>> chunk = new ArrayList<>();
        long bytes = 0;
        long to = from;
        while (to < list.size() && chunk.size() < CHUNK_RECORDS && bytes < CHUNK_BYTES) {
            long place = list.placeOf(to++);
            bytes += list.readAt(place, slot);
            chunk.add(new Entry<>(decode(), place));
        }
        chunk.sort((a, b) -> order.compare(a.value, b.value));
        for (int i = 0; i < chunk.size(); i++) {
            list.setPlace(from + i, chunk.get(i).place);
        }
        if (chunks == ends.length) {
            ends = Arrays.copyOf(ends, chunks * 2);
        }
        ends[chunks++] = to;
    }

    private E decode() {
        return order.decode(slot.array(), 0, slot.length());
    }

    /// Removes all records and gives the pages back.
    void clear() {
        list.clear();
        ends = new long[8];
        chunks = 0;
    }

    /// One chunk as the merge reads it.
    private final class Chunk implements MergeInput<E> {
        private final long end;
        private long next;
        private long place;
        private @Nullable E head;

        Chunk(long from, long end) {
            this.next = from;
            this.end = end;
        }

        @Override
        public boolean advance() {
            if (next == end) {
                return false;
            }
            place = list.placeOf(next++);
            head = list.readAt(place, slot) <= KEPT_HEAD_BYTES ? decode() : null;
            return true;
        }

        @Override
        public E head() {
            E kept = head;
            if (kept != null) {
                return kept;
            }
            list.readAt(place, slot);
            return decode();
        }

        @Override
        public ByteSlot bytes() {
            list.readAt(place, slot);
            return slot;
        }
    }
}
