package io.aquifer.api.connector;

import java.io.IOException;
import java.util.List;

/// Writes one subtask's records. Used by one thread.
///
/// **Invariant**: until [SinkCommitter#commit] nothing it wrote can be taken for complete output,
/// unless the sink shows records as they come and says so.
///
/// A committable is a short text, such as a file's name; what it stands for is the sink's business.
public interface SinkWriter<T> extends AutoCloseable {
    /// @param timestamp the record's event time in milliseconds, [Long#MIN_VALUE] when it has none
    /// @throws IOException with a message for the user that names the file
    void write(T value, long timestamp) throws IOException;

    /// Event time has reached `watermark`: no later record is older.
    default void writeWatermark(long watermark) throws IOException {}

    /// A checkpoint passes: what was written so far belongs to it, what follows does not. Should
    /// not wait for the disk; [SinkCommitter#persist] does.
    ///
    /// @param checkpoint rising; a checkpoint may fail, then its committables are committed with
    ///   the next
    /// @return what [SinkCommitter#commit] needs to make it visible
    default List<String> prepareCommit(long checkpoint) throws IOException {
        return List.of();
    }

    /// What was written and is in no committable yet, such as rows that wait to be sorted: given to
    /// the writers of an attempt that goes on from this checkpoint. Called after [#prepareCommit].
    default byte[] snapshotState() throws IOException {
        return NO_STATE;
    }

    byte[] NO_STATE = {};

    /// All input was written.
    ///
    /// @param checkpoint as for [#prepareCommit]; 0 when the job takes no checkpoints
    /// @return what [SinkCommitter#commit] needs to make the rest visible
    default List<String> finish(long checkpoint) throws IOException {
        return List.of();
    }

    /// What the writer keeps on the Java heap between two calls, such as buffers and rows that wait
    /// to be sorted, in bytes, about; the engine charges it to operation memory. Cheap, asked every
    /// few records.
    default long heapBytes() {
        return 0;
    }

    /// Lets go of files and buffers; called exactly once, with or without [#finish] before.
    @Override
    void close() throws IOException;
}
