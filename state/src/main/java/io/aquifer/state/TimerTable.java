package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.memory.PageLease;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.NoSuchElementException;
import java.util.Objects;

/// A set of timers, pairs of a time and key bytes, in order of time, on the pages of one lease; off
/// the Java heap but for a directory of about 30 bytes per page.
///
/// Times are any longs, keys of any length up to 1 GiB that memory allows, zero included. Timers of
/// one time are in order of registration. A timer is registered once: again while it is there
/// changes nothing, not even its place. Timers may be registered and deleted between any two calls
/// of [#poll], also for times that have passed.
///
/// A timer that goes leaves nothing behind. The table grows and shrinks by a page at a time; no
/// call moves more than the slots of one page. Many keys at few times cost about 38 bytes and the
/// key each, a time with one timer 16 to 30 bytes more. Nothing on the path of a call allocates
/// Java objects, except a result slot that must grow and, every few thousand timers, the directory.
///
/// **Invariant**, after every call, thrown or not: the pages held by the lease are exactly
/// [#pageCount], and the timers are those of the calls that returned.
///
/// | Call                  | Takes time                    | When the budget is spent                     |
/// |-----------------------|-------------------------------|----------------------------------------------|
/// | [#register]           | O(log t), t different times   | throws [io.aquifer.memory.MemoryExhaustedException], timers as before |
/// | [#delete], [#poll]    | O(1); O(log t) if it is the first of its time | take no memory               |
/// | [#firstTime]          | O(1) amortised                | takes no memory                              |
///
/// **Threads.** One at a time.
///
/// ```java
/// try (TimerTable timers = TimerTable.open(task.leasePages(manager.managed(), "timers"), seed)) {
///     timers.register(time, key, 0, key.length);
///     while (!timers.isEmpty() && timers.firstTime() <= watermark) {
///         long due = timers.firstTime();
///         timers.poll(slot);
///         fire(due, slot);
///     }
/// }
/// ```
///
/// Two structures: a hash set of all timers, and a B+-tree of the different times, each with the
/// ring of its timers. Why no calendar queue: `docs/decisions/0012-timers-in-a-tree.md`.
public final class TimerTable implements AutoCloseable {
    private final PageSource source;
    private final KeyRouting hash;
    private final SlabPages blocks;
    private final TimerRecords records;
    final TimerIndex index;
    final TimeTree tree;
    private long size;
    private int iterations;
    private boolean closed;

    /// What was read ahead; kept so that the reads are not optimised away.
    private long sink;

    TimerTable(PageSource source, KeyRouting hash) {
        this.source = source;
        this.hash = hash;
        this.blocks = new SlabPages(source);
        this.records = new TimerRecords(blocks);
        this.index = new TimerIndex(source, records);
        this.tree = new TimeTree(blocks);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param seed makes the collisions of timers unpredictable; need not be kept
    public static TimerTable open(PageLease pages, long seed) {
        return new TimerTable(PageSource.of(pages), KeyRouting.ungrouped(seed));
    }

    /// Adds a timer; false if it is there already.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the timers are as before
    /// @throws IllegalArgumentException if the key is longer than 1 GiB less one byte
    /// @throws IllegalStateException if the table is being iterated
    public boolean register(long time, byte[] key, int keyOffset, int keyLength) {
        long timerHash = check(time, key, keyOffset, keyLength);
        checkNotIterated();
        if (index.find(timerHash, time, key, keyOffset, keyLength) != 0) {
            return false;
        }
        if (keyLength > TimerRecords.KEY_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "cannot register a timer whose key has %,d bytes: %,d are the most. Use a shorter key."
                            .formatted(keyLength, TimerRecords.KEY_LENGTH_MAX));
        }
        long record = records.create(time, key, keyOffset, keyLength);
        long first = 0;
        boolean indexed = false;
        try {
            first = tree.find(time);
            if (first == 0) {
                tree.reserve();
            }
            index.insert(timerHash, record);
            indexed = true;
        } finally {
            if (!indexed) {
                tree.giveBack();
                records.free(record);
            }
        }
        if (first == 0) {
            records.linkAlone(record);
            tree.insert(time, record);
        } else {
            records.append(first, record);
        }
        size++;
        return true;
    }

    /// Removes a timer; false if it is not there.
    ///
    /// @throws IllegalStateException if the table is being iterated
    public boolean delete(long time, byte[] key, int keyOffset, int keyLength) {
        long timerHash = check(time, key, keyOffset, keyLength);
        checkNotIterated();
        long record = index.find(timerHash, time, key, keyOffset, keyLength);
        if (record == 0) {
            return false;
        }
        remove(timerHash, time, record);
        return true;
    }

    /// Whether a timer is there.
    public boolean contains(long time, byte[] key, int keyOffset, int keyLength) {
        long timerHash = check(time, key, keyOffset, keyLength);
        return index.find(timerHash, time, key, keyOffset, keyLength) != 0;
    }

    private long check(long time, byte[] key, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, key.length);
        checkOpen();
        return hash.ofPart(time, key, offset, length);
    }

    /// Removes the timer that is first in order, and copies its key into `key`; its time is what
    /// [#firstTime] was before.
    ///
    /// @throws NoSuchElementException if there is none
    /// @throws IllegalStateException if the table is being iterated
    public void poll(ByteSlot key) {
        long time = firstTime();
        checkNotIterated();
        long record = tree.firstRef();
        records.readKey(record, key);
        readAhead(record);
        remove(hash.ofPart(time, key.array(), 0, key.length()), time, record);
    }

    /// The timer that will be polled next is read while the processor waits for the index.
    private void readAhead(long record) {
        long after = records.next(record);
        if (after == record) {
            after = tree.secondRef();
        }
        if (after != 0) {
            sink += getLong(blocks.address(after));
        }
    }

    private void remove(long timerHash, long time, long record) {
        index.remove(timerHash, record);
        boolean first = records.isFirst(record);
        long after = records.unlink(record);
        records.free(record);
        if (after == 0) {
            tree.remove(time);
        } else if (first) {
            tree.set(time, after);
        }
        size--;
    }

    /// The time of the timer that is first in order.
    ///
    /// @throws NoSuchElementException if there is none
    public long firstTime() {
        checkOpen();
        if (tree.isEmpty()) {
            throw new NoSuchElementException("there is no timer: ask isEmpty() first");
        }
        return tree.firstTime();
    }

    /// How many timers there are.
    public long size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /// Calls `visitor` once for each timer, in order of time and of registration. The table may not
    /// change meanwhile. If the visitor throws, the iteration ends with that.
    public void forEach(TimerVisitor visitor) {
        ByteSlot key = new ByteSlot();
        iterations++;
        try {
            tree.forEach(
                    first -> {
                        long time = records.time(first);
                        long record = first;
                        do {
                            records.readKey(record, key);
                            visitor.visit(time, key);
                            record = records.next(record);
                        } while (record != first);
                    });
        } finally {
            iterations--;
        }
    }

    /// Writes all timers, in order, to the section that `out` has begun: the key, and the time as 8
    /// bytes, little endian.
    ///
    /// @throws IOException if the file refuses a write
    public void writeTo(StateFileWriter out) throws IOException {
        ByteBuffer timeBytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try {
            forEach(
                    (time, key) -> {
                        timeBytes.putLong(0, time);
                        try {
                            out.entry(
                                    key.array(), 0, key.length(), timeBytes.array(), 0, Long.BYTES);
                        } catch (IOException refused) {
                            throw new UncheckedIOException(refused);
                        }
                    });
        } catch (UncheckedIOException refused) {
            throw refused.getCause();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "this table of timers was closed and its pages were given back: open another"
                            + " one");
        }
    }

    private void checkNotIterated() {
        if (iterations != 0) {
            throw new IllegalStateException(
                    "cannot change a table of timers while it is being iterated: do it when the"
                            + " iteration has ended");
        }
    }

    /// Removes all timers and gives all pages back; the table stays usable.
    public void clear() {
        checkOpen();
        checkNotIterated();
        tree.clear();
        index.clear();
        blocks.clear();
        size = 0;
    }

    /// Pages held now.
    public int pageCount() {
        return blocks.pageCount() + index.pageCount();
    }

    /// What the table occupies on the Java heap, in bytes, about.
    public long heapBytes() {
        return blocks.heapBytes() + index.heapBytes() + tree.heapBytes() + 96;
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    ///
    /// @throws IllegalStateException if the table is being iterated; it stays open
    @Override
    public void close() {
        if (!closed) {
            clear();
            closed = true;
            source.end();
        }
    }
}
