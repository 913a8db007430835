package io.aquifer.state.file;

import java.io.IOException;

/// Goes through the entries of a section. What it shows of an entry lies in [#buffer] and is valid
/// until the next call of [#next].
public final class StateEntries {
    StateEntries() {}

    /// @throws CorruptStateFileException when a block's checksum does not fit
    public boolean next() throws IOException {
        throw new UnsupportedOperationException();
    }

    public byte[] buffer() {
        throw new UnsupportedOperationException();
    }

    public int keyOffset() {
        throw new UnsupportedOperationException();
    }

    public int keyLength() {
        throw new UnsupportedOperationException();
    }

    /// Of a MAP section only.
    public int mapKeyOffset() {
        throw new UnsupportedOperationException();
    }

    public int mapKeyLength() {
        throw new UnsupportedOperationException();
    }

    public int valueOffset() {
        throw new UnsupportedOperationException();
    }

    public int valueLength() {
        throw new UnsupportedOperationException();
    }
}
