package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.state.run.Run;
import io.aquifer.state.run.RunWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// The run of a [TableSnapshot], written beside the table's thread: copies of records come range by
/// range, are put in order and written, and their pages are free again for the next.
///
/// **Threads.** The table's thread calls; the work is done by the executor, one piece after the
/// other. Nothing of it looks at the table.
final class SnapshotRun {
    private final Opening opening;
    private final Executor executor;
    private final Runnable onProgress;
    private final RoutingOrder order;
    private final int pagesMax;

    // All below under this object's monitor, but what a piece of work has while it is under way.
    private long[] free;
    private int freeCount;
    private int underWay;
    private @Nullable NewRun writing;
    private @Nullable Run run;
    private @Nullable IOException failure;

    /// Begins the run when there is something to write.
    interface Opening {
        NewRun open() throws IOException;
    }

    /// @param pages for copies, this object's from now on
    /// @param onProgress called by the executor's thread when there is room again, or all is done
    SnapshotRun(
            RecordTable table,
            Opening opening,
            long[] pages,
            Executor executor,
            Runnable onProgress) {
        this.opening = opening;
        this.executor = executor;
        this.onProgress = onProgress;
        this.order = new RoutingOrder(new KeyOrder(table));
        this.pagesMax = pages.length;
        this.free = pages;
        this.freeCount = pages.length;
    }

    /// The most pages that copies can have at once.
    int pagesMax() {
        return pagesMax;
    }

    synchronized int freePages() {
        return freeCount;
    }

    synchronized long takePage() {
        return free[--freeCount];
    }

    /// Writes copies as a range.
    ///
    /// @param common high bits that their routings have in common
    void write(StagedRecords copies, int common) {
        submit(
                () -> {
                    order.clear();
                    copies.addTo(order);
                    order.sort(common);
                    RunWriter out = out();
                    out.beginRange();
                    for (int i = 0; i < order.count(); i++) {
                        writeInline(order.routing(i), order.value(i), out);
                    }
                },
                copies);
    }

    /// Writes one record that is not large as the entry that it is.
    static void writeInline(long routing, long record, RunWriter out) throws IOException {
        long header = getLong(record);
        int kind = RecordHeader.kind(header);
        long keyAddress = record + RecordHeader.BYTES;
        int keyLength = RecordHeader.keyLength(header);
        if (RecordHeader.isTombstone(header)) {
            out.delete(routing, kind, keyAddress, keyLength);
        } else {
            out.put(
                    routing,
                    kind,
                    keyAddress,
                    keyLength,
                    keyAddress + keyLength,
                    RecordHeader.valueLength(header));
        }
    }

    /// Completes the run, if something was written.
    void finish() {
        submit(
                () -> {
                    NewRun begun = writing;
                    if (begun != null) {
                        Run finished = begun.finish();
                        synchronized (this) {
                            run = finished;
                        }
                    }
                },
                new StagedRecords());
    }

    /// Where to write directly; only while nothing is under way.
    RunWriter out() throws IOException {
        NewRun begun = writing;
        if (begun == null) {
            begun = opening.open();
            writing = begun;
        }
        return begun.out();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void submit(Work work, StagedRecords copies) {
        synchronized (this) {
            underWay++;
        }
        try {
            executor.execute(() -> perform(work, copies));
        } catch (RejectedExecutionException ended) {
            fail(new IOException("the job ends", ended));
            done(copies);
        }
    }

    private void perform(Work work, StagedRecords copies) {
        try {
            if (failure() == null) {
                work.run();
            }
        } catch (IOException refused) {
            fail(refused);
        } catch (RuntimeException | Error failed) {
            fail(new IOException("a snapshot cannot be written: " + failed.getMessage(), failed));
        } finally {
            done(copies);
            onProgress.run();
        }
    }

    private synchronized void done(StagedRecords copies) {
        for (long page : copies.takePages()) {
            free[freeCount++] = page;
        }
        underWay--;
        notifyAll();
    }

    synchronized void fail(IOException why) {
        failure = failure == null ? why : failure;
    }

    synchronized @Nullable IOException failure() {
        return failure;
    }

    synchronized boolean isIdle() {
        return underWay == 0;
    }

    /// Waits until nothing is under way.
    synchronized void awaitIdle() {
        boolean interrupted = false;
        while (underWay != 0) {
            try {
                wait();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends when nothing is under way.
    ///
    /// @return the run, the caller's, or null if it failed or nothing was written
    @Nullable Run end() {
        NewRun begun = writing;
        if (begun != null) {
            begun.close();
        }
        return run;
    }

    /// The pages for copies, the caller's; when nothing is under way.
    long[] pages() {
        return Arrays.copyOf(free, freeCount);
    }
}
