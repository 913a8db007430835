package io.aquifer.state.file;

/// An entry of a state as a checkpoint holds it. What it shows lies in [#buffer] and is valid until
/// the next entry is.
public interface StateEntry {
    /// Where the entry's bytes are; another array for each entry, or the same.
    byte[] buffer();

    int keyOffset();

    int keyLength();

    /// Of a MAP section only.
    int mapKeyOffset();

    /// Of a MAP section only, 0 in others.
    int mapKeyLength();

    int valueOffset();

    int valueLength();
}
