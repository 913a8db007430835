package io.aquifer.state;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// One pass over the records of a [RecordSorter], in order. It ends at the last record or when it
/// is closed; until then the sorter takes no call but `close`.
///
/// **Threads.** The sorter's.
///
/// @param <E> what a record is read as
public final class SortedRecords<E> implements AutoCloseable {
    private final RecordSorter<E> sorter;
    private @Nullable Merge<E> merge;
    private @Nullable E record;
    private @Nullable String endedBy;

    SortedRecords(RecordSorter<E> sorter, Merge<E> merge) {
        this.sorter = sorter;
        this.merge = merge;
    }

    /// Goes to the next record, the first at first; false after the last.
    ///
    /// @throws io.aquifer.state.spill.SpillException if the disk refuses; the pass has ended
    /// @throws IllegalStateException after the pass was closed or has failed
    public boolean advance() {
        Merge<E> current = merge;
        if (current == null) {
            if (endedBy != null) {
                throw new IllegalStateException(
                        "cannot read on in this pass over sorted records: " + endedBy);
            }
            return false;
        }
        endedBy = "it has failed, see there";
        try {
            if (current.advance()) {
                record = current.top().head();
                endedBy = null;
                return true;
            }
            endedBy = null;
            return false;
        } catch (IOException refused) {
            throw sorter.notRead(refused);
        } finally {
            if (endedBy != null || current.isAtEnd()) {
                end();
            }
        }
    }

    /// The record that [#advance] went to.
    public E record() {
        E current = record;
        if (current == null) {
            throw new IllegalStateException("there is no record: advance() has not returned true");
        }
        return current;
    }

    private void end() {
        merge = null;
        record = null;
        sorter.endPass(this);
    }

    /// Ends the pass. Closing again, or after the last record, does nothing.
    @Override
    public void close() {
        if (merge != null) {
            endedBy = "it was closed, by itself or with its sorter";
            end();
        }
    }
}
