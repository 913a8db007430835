package io.aquifer.api.connector;

import java.io.IOException;

/// Writes one subtask's records. Used by one thread.
///
/// **Invariant**: until [Sink#commit] nothing it wrote can be taken for complete output.
public interface SinkWriter<T> extends AutoCloseable {
    /// @param timestamp the record's event time in milliseconds, [Long#MIN_VALUE] when it has none
    /// @throws IOException with a message for the user that names the file
    void write(T value, long timestamp) throws IOException;

    /// Event time has reached `watermark`: no later record is older.
    default void writeWatermark(long watermark) throws IOException {}

    /// All input was written: bring it to the disk.
    ///
    /// @return what [Sink#commit] needs to make it visible, such as a file's name
    String finish() throws IOException;

    /// Lets go of files and buffers; called exactly once, with or without [#finish] before.
    @Override
    void close() throws IOException;
}
