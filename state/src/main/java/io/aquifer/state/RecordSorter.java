package io.aquifer.state;

import io.aquifer.memory.ByteLease;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Reclaimer;
import io.aquifer.memory.Rung;
import io.aquifer.state.spill.SpillDirectory;
import io.aquifer.state.spill.SpillException;
import io.aquifer.state.spill.SpillFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// Sorts any number of byte records in any amount of memory from four pages on: when there is no
/// room for a record, or others need memory, it sorts what it has and writes a *run* to a file.
/// Reading merges the runs, in several passes when there are more of them than pages.
///
/// The order is stable, and equal records are kept. Records may be added after a pass, and there
/// may be any number of passes. A record larger than the memory becomes a run of its own.
///
/// **Invariant**, after every call, thrown or not: the records are those of the calls that
/// returned, and the pages held by the lease are exactly [#pageCount], at least four from the first
/// record on.
///
/// | Call      | Waits                     | Throws, and changes nothing                                  |
/// |-----------|---------------------------|--------------------------------------------------------------|
/// | [#add]    | for its first four pages, | [io.aquifer.memory.MemoryExhaustedException] if they are not |
/// |           | for the disk              | there, [SpillException] if the disk refuses                  |
/// | [#sorted] | for the disk, and for the | [SpillException] if the disk refuses, `MemoryExhausted...`   |
/// |           | first records of two runs | if the first records of two runs do not fit                  |
/// | [#reclaim]| for the disk              | what the order throws                                        |
///
/// **The Java heap.** From the first record on 1.3 MiB are charged for the objects of up to a
/// mebibyte of records while it sorts, and for the bytes that it writes and reads at once. While it
/// merges, the first record of each run is charged too, twice, since there are its bytes and its
/// object; where that does not fit it merges fewer runs at once, down to two.
///
/// **Threads.** One at a time, which also serves reclaims; [#reclaimableBytes] any.
///
/// @param <E> what a record is when it is compared and read
public final class RecordSorter<E> implements Reclaimer, AutoCloseable {
    /// Pages that it holds from the first record on.
    public static final int FLOOR_PAGES = 4;

    /// What the first records of the runs of one merge may have together, in bytes, if there are
    /// more than two.
    private static final long HEAD_BYTES = 16L << 20;

    /// Charged from the first record on: a chunk's objects, a writer's buffer, a reader's block.
    static final long WORKING_BYTES =
            SortBuffer.CHUNK_BYTES + RunWriter.BUFFER_BYTES + RunWriter.BLOCK_BYTES;

    private final SortPages pages;
    private final ByteLease heap;
    private final String owner;
    private final SpillDirectory directory;
    private final RecordOrder<E> order;
    private final SortBuffer<E> buffer;

    /// Written by the sorter's thread, read by any.
    private final AtomicLong reclaimable = new AtomicLong();

    private List<Run> runs = new ArrayList<>();
    private @Nullable SpillFile file;

    /// Where the next run begins.
    private long fileBytes;

    private long size;
    private @Nullable SortedRecords<E> pass;
    private long[] passPages = {};

    /// Charged: 0 or [#WORKING_BYTES].
    private long workingBytes;

    /// Charged for the first records of the runs that are merged.
    private long headBytes;

    private boolean working;

    /// Whether the disk has refused a reclaim, and nothing was spilled since.
    private boolean refused;

    private boolean closed;

    RecordSorter(
            PageSource source,
            ByteLease heap,
            String owner,
            SpillDirectory directory,
            RecordOrder<E> order) {
        this.pages = new SortPages(source);
        this.heap = heap;
        this.owner = owner;
        this.directory = directory;
        this.order = order;
        this.buffer = new SortBuffer<>(pages, order);
    }

    /// An empty sorter without pages and files.
    ///
    /// @param pages where all pages come from; belongs to the sorter from now on and ends with it
    /// @param heap what is charged for objects and buffers; likewise
    public static <E> RecordSorter<E> open(
            PageLease pages, ByteLease heap, SpillDirectory directory, RecordOrder<E> order) {
        return new RecordSorter<>(PageSource.of(pages), heap, pages.owner(), directory, order);
    }

    /// Adds a record.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if it is the first and there are not four
    ///   pages, or not 1.3 MiB of the heap
    /// @throws SpillException if the disk refuses
    /// @throws IllegalStateException if a pass is open, or the sorter was closed
    public void add(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        begin("add a record to");
        try {
            takeFloor();
            if (!buffer.tryAdd(bytes, offset, length)) {
                spill();
                if (!buffer.tryAdd(bytes, offset, length)) {
                    writeRun(writer -> writer.record(bytes, offset, length));
                }
            }
            size++;
        } finally {
            end();
        }
    }

    private void takeFloor() {
        charge(WORKING_BYTES);
        try {
            pages.take(FLOOR_PAGES);
        } finally {
            if (pages.held() == 0) {
                charge(0);
            }
        }
    }

    /// Charges the heap for `working` bytes without those of a merge.
    private void charge(long working) {
        if (working > workingBytes) {
            heap.reserve(working - workingBytes);
        } else if (working < workingBytes) {
            heap.release(workingBytes - working);
        }
        workingBytes = working;
    }

    /// Begins a pass over all records in order.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if the first records of two runs do not
    ///   fit in the heap's share
    /// @throws SpillException if the disk refuses
    /// @throws IllegalStateException if a pass is open, or the sorter was closed
    public SortedRecords<E> sorted() {
        begin("sort");
        boolean begins = false;
        try {
            Merge<E> merge;
            if (runs.isEmpty()) {
                merge = buffer.sorted();
            } else {
                spill();
                mergeDown();
                merge = readRuns(runs);
                pages.trim(FLOOR_PAGES);
            }
            SortedRecords<E> begun = new SortedRecords<>(this, merge);
            pass = begun;
            begins = true;
            return begun;
        } catch (IOException refusal) {
            throw notRead(refusal);
        } finally {
            if (!begins) {
                releaseHeads();
            }
            end();
        }
    }

    private void begin(String what) {
        String hindrance =
                closed
                        ? "it was closed"
                        : pass != null
                                ? "a pass over its records is open; read it to the end or close it"
                                        + " first"
                                : working ? "its own comparator asks for it" : null;
        if (hindrance != null) {
            throw new IllegalStateException(
                    "cannot " + what + " the sorter '" + owner + "': " + hindrance);
        }
        working = true;
        reclaimable.setRelease(0);
    }

    private void end() {
        working = false;
        boolean idle = pass == null && !refused;
        reclaimable.setRelease(
                idle ? Math.max(0, pages.held() - FLOOR_PAGES) * (long) PageSource.PAGE_BYTES : 0);
    }

    /// Called by a pass that ends.
    void endPass(SortedRecords<E> ended) {
        if (pass == ended) {
            pass = null;
            releasePassPages();
            releaseHeads();
            pages.trim(FLOOR_PAGES);
            end();
        }
    }

    private void releaseHeads() {
        if (headBytes > 0) {
            heap.release(headBytes);
            headBytes = 0;
        }
    }

    private void releasePassPages() {
        for (long page : passPages) {
            pages.release(page);
        }
        passPages = new long[0];
    }

    /// Makes a run of what is in memory. Its pages are kept.
    private void spill() {
        if (buffer.size() == 0) {
            return;
        }
        Merge<E> sorted = buffer.sorted();
        writeRun(writer -> writeAll(sorted, writer));
        buffer.clear();
        refused = false;
    }

    private static <E> void writeAll(Merge<E> sorted, RunWriter writer) throws IOException {
        while (sorted.advance()) {
            ByteSlot record = sorted.top().bytes();
            writer.record(record.array(), 0, record.length());
        }
    }

    private interface RunContent {
        void writeTo(RunWriter writer) throws IOException;
    }

    private void writeRun(RunContent content) {
        SpillFile used = file;
        boolean written = false;
        try {
            if (used == null) {
                used = directory.create();
            }
            RunWriter writer = new RunWriter(used, fileBytes);
            content.writeTo(writer);
            Run run = writer.finish();
            file = used;
            runs.add(run);
            fileBytes += run.bytes();
            written = true;
        } catch (IOException refusal) {
            throw SpillException.notWritten(owner, directory, fileBytes, refusal);
        } finally {
            if (!written && file == null) {
                remove(used);
            }
        }
    }

    /// Merges neighbours until there are no more runs than can be read at once.
    private void mergeDown() throws IOException {
        int most = fanIn();
        while (runs.size() > most) {
            mergePass(most);
            most = fanIn();
        }
    }

    /// How many runs can be read at once. Takes pages for that, and heap for their first records.
    private int fanIn() {
        int largest = 1;
        for (Run run : runs) {
            largest = Math.max(largest, run.largest());
        }
        int most = Math.clamp(HEAD_BYTES / largest, 2, runs.size() + 1);
        most = Math.max(2, Math.min(most, pages.fill(most)));
        releaseHeads();
        while (most > 2 && !heap.tryReserve(headBytes(most, largest))) {
            most = Math.max(2, most / 2);
        }
        if (most == 2) {
            heap.reserve(headBytes(2, largest));
        }
        headBytes = headBytes(most, largest);
        return most;
    }

    private static long headBytes(int runs, int largest) {
        return 2L * runs * largest;
    }

    /// Writes another file with fewer runs. Until it is complete the old one counts.
    private void mergePass(int most) throws IOException {
        SpillFile next = null;
        List<Run> merged = new ArrayList<>();
        long nextBytes = 0;
        boolean complete = false;
        try {
            next = create();
            for (int from = 0; from < runs.size(); from += most) {
                Merge<E> group = readRuns(runs.subList(from, Math.min(from + most, runs.size())));
                Run run = writeMerged(group, next, nextBytes);
                merged.add(run);
                nextBytes += run.bytes();
                releasePassPages();
            }
            complete = true;
        } finally {
            releasePassPages();
            if (!complete) {
                remove(next);
            }
        }
        remove(file);
        file = next;
        fileBytes = nextBytes;
        runs = merged;
    }

    private SpillFile create() {
        try {
            return directory.create();
        } catch (IOException refusal) {
            throw SpillException.notWritten(owner, directory, fileBytes, refusal);
        }
    }

    /// @throws IOException if reading fails
    private Run writeMerged(Merge<E> group, SpillFile to, long start) throws IOException {
        RunWriter writer = new RunWriter(to, start);
        while (group.advance()) {
            ByteSlot record = group.top().bytes();
            try {
                writer.record(record.array(), 0, record.length());
            } catch (IOException refusal) {
                throw SpillException.notWritten(owner, directory, fileBytes, refusal);
            }
        }
        try {
            return writer.finish();
        } catch (IOException refusal) {
            throw SpillException.notWritten(owner, directory, fileBytes, refusal);
        }
    }

    /// Opens runs, with a kept page each.
    private Merge<E> readRuns(List<Run> read) {
        SpillFile from = Objects.requireNonNull(file);
        byte[] scratch = new byte[RunWriter.BLOCK_BYTES];
        long[] taken = new long[read.size()];
        List<RunReader<E>> readers = new ArrayList<>();
        for (int i = 0; i < taken.length; i++) {
            taken[i] = pages.allocate();
            readers.add(new RunReader<>(from, read.get(i), taken[i], scratch, order));
        }
        passPages = taken;
        return new Merge<>(order, readers);
    }

    SpillException notRead(IOException refusal) {
        return SpillException.notRead(owner, directory, fileBytes, refusal);
    }

    /// A file that cannot be closed is of no use to anybody.
    private static void remove(@Nullable SpillFile ended) {
        if (ended != null) {
            try {
                ended.close();
            } catch (IOException ignored) {
                // What it held is void or elsewhere, so nothing is lost.
            }
        }
    }

    /// How many records there are, in memory and on disk.
    public long size() {
        return size;
    }

    /// Runs on disk now.
    public int runCount() {
        return runs.size();
    }

    /// What the runs take on disk, in bytes.
    public long spilledBytes() {
        return fileBytes;
    }

    /// Pages held now.
    public int pageCount() {
        return pages.held();
    }

    @Override
    public Rung rung() {
        return Rung.SPILL;
    }

    /// All but the floor; 0 during an operation, during a pass, and after the disk has refused.
    @Override
    public long reclaimableBytes() {
        return reclaimable.getAcquire();
    }

    /// Gives back pages that hold nothing, and if they are too few, spills and gives back more.
    /// Where the disk refuses, the records stay in memory, and the next call that needs the disk
    /// says why.
    @Override
    public void reclaim(long bytes) {
        if (working || closed || pass != null) {
            return;
        }
        begin("spill");
        try {
            long wanted = Math.ceilDiv(bytes, PageSource.PAGE_BYTES);
            int least = (int) Math.max(FLOOR_PAGES, pages.held() - wanted);
            pages.trim(least);
            if (pages.held() > least) {
                spill();
                pages.trim(least);
            }
        } catch (SpillException told) {
            refused = true;
        } finally {
            end();
        }
    }

    /// Removes all records, pages and files; the sorter stays usable.
    ///
    /// @throws IllegalStateException if a pass is open, or the sorter was closed
    public void clear() {
        begin("clear");
        try {
            empty();
        } finally {
            end();
        }
    }

    private void empty() {
        buffer.clear();
        releasePassPages();
        pages.trim(0);
        releaseHeads();
        charge(0);
        remove(file);
        file = null;
        fileBytes = 0;
        runs = new ArrayList<>();
        size = 0;
        refused = false;
    }

    /// Ends an open pass, removes the file, gives all pages back and ends the lease. Closing again
    /// does nothing.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        SortedRecords<E> open = pass;
        if (open != null) {
            open.close();
        }
        closed = true;
        empty();
        pages.end();
        heap.close();
        reclaimable.setRelease(0);
    }
}
