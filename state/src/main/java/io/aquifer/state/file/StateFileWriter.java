package io.aquifer.state.file;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// Writes one operator subtask's state as one file.
public final class StateFileWriter implements AutoCloseable {
    /// @param out closed by [#close]; may refuse at any write
    public StateFileWriter(WritableByteChannel out, StateFileHeader header) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Begins a section; the entries that follow are its.
    public void begin(StateSection section) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// An entry of any kind but MAP.
    public void entry(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /// An entry of a MAP section.
    public void mapEntry(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] mapKey,
            int mapKeyOffset,
            int mapKeyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Writes what makes the file complete.
    ///
    /// @return the file's length
    public long finish() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException();
    }
}
