package io.aquifer.state.file;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;

/// Reads a file of a [StateFileWriter].
public final class StateFileReader implements AutoCloseable {
    private StateFileReader() {}

    /// @param in closed by [#close]
    /// @param name what messages call the file
    /// @throws CorruptStateFileException when it is not a whole state file of a known version
    public static StateFileReader open(SeekableByteChannel in, String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    public StateFileHeader header() {
        throw new UnsupportedOperationException();
    }

    public List<StateSection> sections() {
        throw new UnsupportedOperationException();
    }

    /// The number of entries of a section.
    public long entryCount(StateSection section) {
        throw new UnsupportedOperationException();
    }

    /// The entries of a section of [#sections], in the order they were written.
    public StateEntries entries(StateSection section) {
        throw new UnsupportedOperationException();
    }

    /// Reads everything and checks every checksum.
    ///
    /// @throws CorruptStateFileException that names the block
    public void verify() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {}
}
