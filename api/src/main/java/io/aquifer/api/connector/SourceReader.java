package io.aquifer.api.connector;

import java.io.IOException;

/// Reads one split. Used by one thread at a time; may block in [#read].
public interface SourceReader<T> extends AutoCloseable {
    /// Hands a batch of records to `output`.
    ///
    /// @param most how many records and rejects at most, at least 1: the engine answers, paces and
    ///   takes checkpoints in between
    /// @return false when the split has ended; then no record was handed over and the reader is
    ///   only closed
    /// @throws IOException with a message for the user that names the file and the place
    boolean read(SourceOutput<T> output, int most) throws IOException;

    /// The position behind the last record handed over, asked for between two calls of [#read]:
    /// given to [Source#createReader], reading goes on there.
    long position();

    /// What the reader keeps on the Java heap between two calls of [#read], such as buffers, in
    /// bytes, about; the engine charges it to operation memory. Cheap, asked after every batch.
    default long heapBytes() {
        return 0;
    }

    @Override
    void close() throws IOException;
}
