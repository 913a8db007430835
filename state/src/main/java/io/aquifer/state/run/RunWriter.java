package io.aquifer.state.run;

import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;
import java.util.Objects;

/// Writes a run as a state file, from front to back.
///
/// Entries come in *ranges*. Within one they ascend: by routing as an unsigned number, then kind,
/// then key; ranges may come in any order, as long as no routing occurs in two of them. A table may
/// so write its parts as it has them.
///
/// On the heap it keeps one buffer; on pages, 32 bytes for each block written and the filter. When
/// there is no page for the filter the run gets none. Nothing is allocated for an entry.
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
    private static final byte[] NOTHING = {};

    private final EntryWriter entries;
    private State state = State.OPEN;

    /// Bytes of the value of the entry that was begun that are still to come.
    private int missing;

    private enum State {
        OPEN,
        FINISHED,
        CLOSED
    }

    private RunWriter(EntryWriter entries) {
        this.entries = entries;
    }

    /// @param file empty; stays the caller's, who releases it if this does not finish
    /// @param changes whether older runs are to be considered: only then DELETE and APPEND may come
    /// @throws IllegalArgumentException if the description does not fit a file
    public static RunWriter open(
            RunFile file,
            RunDescription description,
            boolean changes,
            RunOptions options,
            RunPages pages)
            throws IOException {
        byte[] header = FileEnds.encode(description.header(), changes ? Layout.CHANGES_FILE : 0);
        RunEnd end = new RunEnd(description, changes);
        RunOutput out = new RunOutput(file, options.bufferBytes());
        out.write(header, 0, header.length);
        return new RunWriter(new EntryWriter(out, end, options, pages));
    }

    /// Begins a range: the next entry may be anywhere in the order. Before the first entry it need
    /// not be called.
    public void beginRange() throws IOException {
        check();
        entries.beginRange();
    }

    public void put(
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        add(
                RunLayout.PUT,
                routing,
                kind,
                key,
                keyOffset,
                keyLength,
                value,
                valueOffset,
                valueLength);
    }

    public void append(
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        add(
                RunLayout.APPEND,
                routing,
                kind,
                key,
                keyOffset,
                keyLength,
                value,
                valueOffset,
                valueLength);
    }

    public void delete(long routing, int kind, byte[] key, int keyOffset, int keyLength)
            throws IOException {
        add(RunLayout.DELETE, routing, kind, key, keyOffset, keyLength, NOTHING, 0, 0);
    }

    void add(
            int op,
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        check();
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        begin(op, routing, kind, key, keyOffset, keyLength, valueLength);
        entries.part(value, valueOffset, valueLength);
        entries.end();
    }

    private void begin(
            int op,
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            int valueLength)
            throws IOException {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        entries.begin(op, routing, kind, key, keyOffset, keyLength, valueLength);
    }

    /// As [#put], with key and value in page memory, each within a page; the caller answers for the
    /// addresses.
    public void put(
            long routing,
            int kind,
            long keyAddress,
            int keyLength,
            long valueAddress,
            int valueLength)
            throws IOException {
        add(RunLayout.PUT, routing, kind, keyAddress, keyLength, valueAddress, valueLength);
    }

    /// As [#append], from page memory.
    public void append(
            long routing,
            int kind,
            long keyAddress,
            int keyLength,
            long valueAddress,
            int valueLength)
            throws IOException {
        add(RunLayout.APPEND, routing, kind, keyAddress, keyLength, valueAddress, valueLength);
    }

    /// As [#delete], from page memory.
    public void delete(long routing, int kind, long keyAddress, int keyLength) throws IOException {
        add(RunLayout.DELETE, routing, kind, keyAddress, keyLength, 0, 0);
    }

    private void add(
            int op,
            long routing,
            int kind,
            long keyAddress,
            int keyLength,
            long valueAddress,
            int valueLength)
            throws IOException {
        check();
        checkLength(valueLength);
        checkLength(keyLength);
        entries.begin(op, routing, kind, keyAddress, keyLength, valueLength);
        entries.part(valueAddress, valueLength);
        entries.end();
    }

    /// Begins an entry whose value comes in parts, as many as there are, together `valueLength`
    /// bytes: for values that lie in pieces, or are large.
    ///
    /// @param valueLength 0 for a DELETE
    public void begin(
            EntryOp op,
            long routing,
            int kind,
            byte[] key,
            int keyOffset,
            int keyLength,
            int valueLength)
            throws IOException {
        check();
        checkLength(valueLength);
        begin(RunLayout.code(op), routing, kind, key, keyOffset, keyLength, valueLength);
        begun(valueLength);
    }

    /// As [#begin], with the key in page memory.
    public void begin(
            EntryOp op, long routing, int kind, long keyAddress, int keyLength, int valueLength)
            throws IOException {
        check();
        checkLength(valueLength);
        checkLength(keyLength);
        entries.begin(RunLayout.code(op), routing, kind, keyAddress, keyLength, valueLength);
        begun(valueLength);
    }

    private void begun(int valueLength) throws IOException {
        missing = valueLength;
        if (missing == 0) {
            entries.end();
        }
    }

    /// The next part of the value of the entry that was begun.
    public void valuePart(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        checkPart(length);
        entries.part(bytes, offset, length);
        came(length);
    }

    /// As the other, from page memory, within a page.
    public void valuePart(long address, int length) throws IOException {
        checkPart(length);
        entries.part(address, length);
        came(length);
    }

    private void came(int length) throws IOException {
        missing -= length;
        if (missing == 0 && length > 0) {
            entries.end();
        }
    }

    private void checkPart(int length) {
        checkUsable();
        checkLength(length);
        if (length > missing) {
            throw new IllegalArgumentException(
                    "a part of %,d bytes of a value, of which %,d are to come"
                            .formatted(length, missing));
        }
    }

    private static void checkLength(int length) {
        if (length < 0) {
            throw new IllegalArgumentException(
                    "a key or value of a run cannot have %d bytes".formatted(length));
        }
    }

    private void check() {
        if (state != State.OPEN || missing != 0 || entries.failed()) {
            checkUsable();
            throw new IllegalStateException(
                    "run '%s': %,d bytes are missing of the value of the entry before"
                            .formatted(entries.name(), missing));
        }
    }

    private void checkUsable() {
        if (state != State.OPEN) {
            throw new IllegalStateException(
                    "run '%s' was %s before: it takes nothing more"
                            .formatted(
                                    entries.name(), state == State.CLOSED ? "closed" : "finished"));
        }
        if (entries.failed()) {
            throw new IllegalStateException(
                    "writing run '%s' failed before: it can only be closed"
                            .formatted(entries.name()));
        }
    }

    /// What was taken is not what was meant: nothing more is taken.
    void giveUp() {
        entries.giveUp();
    }

    /// Entries so far.
    public long entries() {
        return entries.count();
    }

    /// Bytes so far, those in the buffer included.
    public long length() {
        return entries.length();
    }

    /// Writes what makes the file complete.
    ///
    /// @return the file's length
    /// @throws IllegalStateException if a routing occurs in two ranges
    public long finish() throws IOException {
        check();
        entries.finish();
        state = State.FINISHED;
        return entries.length();
    }

    /// Gives the pages back. The file stays, and without [#finish] before is no run. Closing again
    /// does nothing.
    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            entries.close();
        }
    }
}
