package io.aquifer.state.spill;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A file of one structure that does not outlive it. Used by one thread at a time.
public interface SpillFile extends AutoCloseable {
    /// Writes all that remains in `from` at a position, which may lie at the end or before.
    ///
    /// @throws IOException if the disk refuses; what was written of it is undefined
    void write(ByteBuffer from, long position) throws IOException;

    /// Fills all that remains in `to` from a position.
    ///
    /// @throws IOException if the disk refuses, or the file ends before
    void read(ByteBuffer to, long position) throws IOException;

    /// Ends and removes the file. Closing again does nothing.
    @Override
    void close() throws IOException;
}
