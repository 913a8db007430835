package io.aquifer.state;

import io.aquifer.memory.PageLease;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.util.Objects;

/// A hash table from key bytes to a list of elements on the pages of one lease, off the Java heap.
///
/// A key without elements is not in the table. Elements lie in chunks that grow from 64 bytes to 4
/// KiB, so that an append is one lookup and a copy, however long the list; a list has no size limit
/// but memory. A list is read by a [ListCursor].
///
/// **Invariant**, after every call, thrown or not: the pages held by the lease are exactly
/// [#pageCount], and the lists are those of the calls that returned.
///
/// | Call                   | Waits | When the budget is spent                                               |
/// |------------------------|-------|------------------------------------------------------------------------|
/// | [#append], [#replace]  | no    | throws [io.aquifer.memory.MemoryExhaustedException], lists as before   |
/// | all others             | no    | take no memory                                                         |
///
/// **Threads.** One at a time, cursors included.
public final class ListTable implements AutoCloseable {
    private static final byte[] NO_VALUE = {};

    private final PageSource source;
    final BlockHeap heap;
    final Records records;
    private final KeyHash hash;
    private final Prefetch prefetch;
    private final ElementChain chain;
    private final ElementChain replacement;
    private final ByteSlot element = new ByteSlot();
    private long lastId;
    private long reclaims;
    private boolean replacing;

    ListTable(PageSource source, KeyHash hash) {
        this.source = source;
        this.hash = hash;
        this.heap = new BlockHeap(source);
        this.records = new Records(source, heap, ElementChain.FIELD_BYTES);
        this.prefetch = new Prefetch(heap, records.index, hash);
        this.chain = new ElementChain(heap);
        this.replacement = new ElementChain(heap);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param seed makes the order and the collisions of keys unpredictable; need not be kept
    public static ListTable open(PageLease pages, long seed) {
        return new ListTable(PageSource.of(pages), new KeyHash(seed));
    }

    /// Adds an element at the end of the list of a key.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the list is as before
    /// @throws IllegalStateException if the key has no list yet and the keys are being iterated
    public void append(
            byte[] key, int keyOffset, int keyLength, byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        Objects.checkFromIndexSize(offset, length, bytes.length);
        checkNotReplacing();
        long keyHash = hash.of(key, keyOffset, keyLength);
        long slot = records.find(keyHash, 0, key, keyOffset, keyLength);
        if (slot == 0) {
            chain.reset();
            chain.append(bytes, offset, length);
            insert(keyHash, key, keyOffset, keyLength, chain);
        } else {
            long fields = records.fields(Records.refAt(slot));
            chain.load(fields);
            chain.append(bytes, offset, length);
            chain.store(fields);
        }
    }

    /// Sets the list of a key to the elements of `elements`, which may be none.
    ///
    /// The list of before stays until the last element is there, so both need room for a moment.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the list is as before, as it is when `elements` throws
    /// @throws IllegalStateException if the key comes or goes and the keys are being iterated
    public void replace(byte[] key, int keyOffset, int keyLength, ElementSource elements) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        checkNotReplacing();
        boolean complete = false;
        replacement.reset();
        replacing = true;
        try {
            while (elements.next(element)) {
                replacement.append(element.array(), 0, element.length());
            }
            complete = true;
        } finally {
            replacing = false;
            if (!complete) {
                replacement.free();
            }
        }
        put(key, keyOffset, keyLength);
    }

    private void put(byte[] key, int keyOffset, int keyLength) {
        if (replacement.count() == 0) {
            clear(key, keyOffset, keyLength);
            return;
        }
        long keyHash = hash.of(key, keyOffset, keyLength);
        long slot = records.find(keyHash, 0, key, keyOffset, keyLength);
        if (slot == 0) {
            insert(keyHash, key, keyOffset, keyLength, replacement);
        } else {
            long fields = records.fields(Records.refAt(slot));
            reclaims++;
            Segments.free(heap, ElementChain.firstAt(fields));
            replacement.store(fields);
            ElementChain.storeId(fields, ++lastId);
        }
    }

    private void insert(
            long keyHash, byte[] key, int keyOffset, int keyLength, ElementChain elements) {
        long ref = 0;
        try {
            ref = records.insert(keyHash, key, keyOffset, keyLength, NO_VALUE, 0, 0);
        } finally {
            if (ref == 0) {
                elements.free();
            }
        }
        long fields = records.fields(ref);
        elements.store(fields);
        ElementChain.storeId(fields, ++lastId);
    }

    /// Removes the list of a key; false if it has none.
    ///
    /// @throws IllegalStateException if the keys are being iterated and another key is visited
    public boolean clear(byte[] key, int keyOffset, int keyLength) {
        checkNotReplacing();
        long slot = find(key, keyOffset, keyLength);
        if (slot == 0) {
            return false;
        }
        long first = ElementChain.firstAt(records.fields(Records.refAt(slot)));
        records.remove(slot);
        reclaims++;
        Segments.free(heap, first);
        return true;
    }

    /// How many elements the list of a key has; 0 if there is none.
    public long count(byte[] key, int keyOffset, int keyLength) {
        long slot = find(key, keyOffset, keyLength);
        return slot == 0 ? 0 : ElementChain.countAt(records.fields(Records.refAt(slot)));
    }

    /// A cursor to read lists of this table with, one after the other; keep and reuse it.
    public ListCursor newCursor() {
        return new ListCursor(this);
    }

    long find(byte[] key, int keyOffset, int keyLength) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        return records.find(hash.of(key, keyOffset, keyLength), 0, key, keyOffset, keyLength);
    }

    /// Changes whenever the chunks of some list were freed.
    long reclaims() {
        return reclaims;
    }

    private void checkNotReplacing() {
        if (replacing) {
            throw new IllegalStateException(
                    "cannot change a list table from within the elements of its replace: hand the"
                            + " elements over first");
        }
    }

    /// How many keys have a list.
    public long size() {
        return records.index.size();
    }

    /// Calls `visitor` once for each key, in no particular order; see [KeyVisitor] for what it may
    /// do.
    public void forEachKey(KeyVisitor visitor) {
        ByteSlot key = new ByteSlot();
        records.forEach(
                ref -> {
                    records.readKey(ref, key);
                    visitor.visit(key);
                });
    }

    /// Writes all elements to the section that `out` has begun, in no particular order of the keys,
    /// in the order of the list within each.
    ///
    /// The fast way to see everything: it goes through memory in the order of addresses. Meanwhile
    /// it takes up to 4 MiB of the Java heap, a byte for 64 of the table. Nothing is changed; a
    /// table that is being iterated or was closed gives what an iteration gives.
    ///
    /// @throws IOException if the file refuses a write
    public void writeTo(StateFileWriter out) throws IOException {
        new TableScan(records, heap).writeElements(out);
    }

    /// As [ValueTable#prefetch(byte\[\]\[\], int\[\], int\[\], int)]; the elements are not touched.
    public void prefetch(byte[][] keys, int[] offsets, int[] lengths, int count) {
        prefetch.touch(keys, offsets, lengths, count);
    }

    /// As [ValueTable#prefetch(byte\[\], int\[\], int\[\], int)]; the elements are not touched.
    public void prefetch(byte[] keys, int[] offsets, int[] lengths, int count) {
        prefetch.touch(keys, offsets, lengths, count);
    }

    /// Removes all lists and gives all pages back; the table stays usable.
    public void clear() {
        checkNotReplacing();
        records.index.clear();
        reclaims++;
        heap.clear();
    }

    /// Pages held now.
    public int pageCount() {
        return heap.pageCount() + records.index.pageCount();
    }

    /// What the table occupies on the Java heap, in bytes, about.
    public long heapBytes() {
        return heap.heapBytes() + records.index.heapBytes() + prefetch.heapBytes();
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    ///
    /// @throws IllegalStateException if the keys are being iterated; the table stays open
    @Override
    public void close() {
        checkNotReplacing();
        if (records.index.close()) {
            reclaims++;
            heap.clear();
            source.end();
        }
    }
}
