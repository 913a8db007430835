package io.aquifer.state.file;

import java.io.IOException;

/// Takes the entries of one section, those of one key one after another.
public interface EntrySink {
    void entry(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException;

    /// An entry of a MAP section.
    void mapEntry(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] mapKey,
            int mapKeyOffset,
            int mapKeyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException;
}
