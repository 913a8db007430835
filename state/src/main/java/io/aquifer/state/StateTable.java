package io.aquifer.state;

import io.aquifer.memory.Reclaimer;
import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;

/// What tables of all kinds have in common. **Threads.** One at a time, that of the table.
public sealed interface StateTable extends Reclaimer, AutoCloseable
        permits ValueTable, ListTable, MapTable {
    /// Pages held now.
    int pageCount();

    /// What the table occupies on the Java heap, in bytes, about.
    long heapBytes();

    /// Brings what a call with each of these keys will touch into the processor's cache, all at
    /// once instead of one after the other. Worth it from about four keys on, in tables that
    /// outgrow the cache; changes nothing.
    ///
    /// @param routings of the keys
    /// @param count how many keys; they may be more than fit a processor's cache, best are 16 to 64
    void prefetch(long[] routings, int count);

    /// Writes all entries to the section that `out` has begun: keys in no particular order, the
    /// elements of a list in its order.
    ///
    /// The fast way to see everything: where all is in memory it goes through it in the order of
    /// addresses. Meanwhile it takes up to 4 MiB of the Java heap, a byte for 64 of the table.
    /// Nothing is changed; a table that is being iterated or was closed gives what an iteration
    /// gives.
    ///
    /// @throws IOException if the file refuses a write
    void writeTo(StateFileWriter out) throws IOException;

    /// As [#writeTo], for others than files.
    ///
    /// @throws IOException of `out`
    void forEachEntry(EntrySink out) throws IOException;

    /// Whether a checkpoint is better made by [#snapshot] than by [#writeTo]: for all but small
    /// tables that are in memory.
    ///
    /// @param pages from how many on a table in memory is not small
    boolean isSavedAsRuns(int pages);

    /// Begins to bring the table to disk as it is now: what has changed since the last time, or all
    /// of it. One that is under way is completed first.
    ///
    /// @param onProgress called by another thread when [TableSnapshot#advance] gets on
    /// @throws IOException if it was done at once, for want of memory, and the disk refuses;
    ///   everything is as before
    TableSnapshot snapshot(Runnable onProgress) throws IOException;

    /// Completes the snapshot under way, if there is one, and waits for that.
    void finishSnapshot();

    /// Removes everything and gives all pages back; the table stays usable.
    void clear();

    /// Gives all pages back and ends the lease. Closing again does nothing.
    ///
    /// @throws IllegalStateException if the table is being iterated; it stays open
    @Override
    void close();
}
