package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import java.io.IOException;

/// Goes through entries in their order: by routing as an unsigned number, then kind, then the key's
/// bytes as unsigned numbers. What it shows of an entry is valid until the next call of [#next].
///
/// It holds its runs until it is closed, whatever becomes of the [Runs] it came from, and one block
/// of each in memory; nothing is allocated for an entry whose value fits a block.
///
/// **Threads.** One at a time.
///
/// ```java
/// try (RunScan scan = runs.scan(0, -1, false)) {
///     while (scan.next()) {
///         use(scan.routing(), scan.keyArray(), scan.keyOffset(), scan.keyLength());
///         scan.readValue(slot);
///     }
/// }
/// ```
public interface RunScan extends AutoCloseable {
    /// Goes to the next entry; false after the last.
    ///
    /// @throws io.aquifer.state.file.CorruptStateFileException if a block is not what was written;
    ///   called again, it throws again
    boolean next() throws IOException;

    long routing();

    int kind();

    /// What the entry does; in a merged scan of all runs there is no APPEND.
    EntryOp op();

    /// Where the key's bytes are.
    byte[] keyArray();

    int keyOffset();

    int keyLength();

    /// Bytes of the value; 0 for a DELETE.
    int valueLength();

    /// Copies the value out; may be called again, or not at all.
    void readValue(ByteSlot out) throws IOException;

    /// Copies the first bytes of the value out, without reading more of a large one: as many as
    /// there are, `count` or 64 at most.
    ///
    /// @return how many
    int readValueHead(byte[] to, int offset, int count);

    /// Adds the entry to a run that is being written, whatever its size, without holding all of its
    /// value in memory.
    ///
    /// @throws IOException if it cannot be read or written; the other run can only be closed then
    void copyTo(RunWriter out) throws IOException;

    /// Lets the runs go. Closing again does nothing.
    @Override
    void close();
}
