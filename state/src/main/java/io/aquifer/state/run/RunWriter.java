package io.aquifer.state.run;

import java.io.IOException;

/// Writes a run as a state file, from front to back.
///
/// Entries come in *ranges*. Within one they ascend: by routing as an unsigned number, then kind,
/// then key; ranges may come in any order, as long as no routing occurs in two of them. A table may
/// so write its parts as it has them.
///
/// On the heap it keeps one buffer; on pages, 32 bytes for each block written and the filter. When
/// there is no page for the filter the run gets none.
///
/// **Failing.** When the disk refuses, entries come out of order or there is no page, the exception
/// is passed on and from then on only [#close] can be called. A file without the end that [#finish]
/// writes is recognised as cut off.
///
/// **Threads.** One at a time.
///
/// ```java
/// RunFile file = files.create();
/// try (RunWriter out = RunWriter.open(file, description, true, options, pages)) {
///     out.beginRange();
///     out.put(routing, 0, key, 0, key.length, value, 0, value.length);
///     out.finish();
/// }
/// Run run = Run.open(file, description, pages);
/// ```
public final class RunWriter implements AutoCloseable {
    private RunWriter() {}

    /// @param file empty; stays the caller's, who releases it if this does not finish
    /// @param changes whether older runs are to be considered: only then DELETE and APPEND may come
    public static RunWriter open(
            RunFile file,
            RunDescription description,
            boolean changes,
            RunOptions options,
            RunPages pages)
            throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    /// Begins a range: the next entry may be anywhere in the order. Before the first entry it need
    /// not be called.
    public void beginRange() throws IOException {}

    public void put(
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {}

    public void append(
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {}

    public void delete(long routing, int kind, byte[] key, int keyOffset, int keyLength)
            throws IOException {}

    /// As [#put], with key and value in page memory, each within a page; the caller answers for the
    /// addresses.
    public void put(
            long routing,
            int kind,
            long keyAddress,
            int keyLength,
            long valueAddress,
            int valueLength)
            throws IOException {}

    /// As [#append], from page memory.
    public void append(
            long routing,
            int kind,
            long keyAddress,
            int keyLength,
            long valueAddress,
            int valueLength)
            throws IOException {}

    /// As [#delete], from page memory.
    public void delete(long routing, int kind, long keyAddress, int keyLength) throws IOException {}

    /// Begins an entry whose value comes in parts, as many as there are, together `valueLength`
    /// bytes: for values that lie in pieces, or are large.
    public void begin(
            EntryOp op,
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            int valueLength)
            throws IOException {}

    /// As [#begin], with the key in page memory.
    public void begin(
            EntryOp op, long routing, int kind, long keyAddress, int keyLength, int valueLength)
            throws IOException {}

    /// The next part of the value of the entry that was begun.
    public void valuePart(byte[] bytes, int offset, int length) throws IOException {}

    /// As the other, from page memory, within a page.
    public void valuePart(long address, int length) throws IOException {}

    /// Entries so far.
    public long entries() {
        return 0;
    }

    /// Bytes so far, those in the buffer included.
    public long length() {
        return 0;
    }

    /// Writes what makes the file complete.
    ///
    /// @return the file's length
    public long finish() throws IOException {
        return 0;
    }

    /// Gives the pages back. The file stays, and without [#finish] before is no run. Closing again
    /// does nothing.
    @Override
    public void close() {}
}
