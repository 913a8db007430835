package io.aquifer.state.file.layout;

import java.io.IOException;

/// A file as its readers see it.
public interface Input {
    /// What messages call the file.
    String name();

    /// Bytes it has.
    long length();

    /// Reads all of a range.
    ///
    /// @param count at least 0; all of it lies within [#length]
    void read(long offset, byte[] to, int at, int count) throws IOException;
}
