package io.aquifer.state.file;

import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/// Writes one operator subtask's state as one file, section after section, from front to back.
///
/// The bytes depend on the header, the sections and the entries in their order, on nothing else.
/// One block at a time is kept on the Java heap, in a buffer of 128 KiB; an entry larger than a
/// block goes to the channel directly. Nothing is allocated for an entry that is not.
///
/// **Failing.** When the channel refuses a write, or an entry is too large for the format, the
/// [IOException] is passed on, and from then on only [#close] can be called. A file without the end
/// that [#finish] writes is recognised by [StateFileReader] as cut off.
///
/// **Threads.** One at a time.
///
/// ```java
/// try (StateFileWriter out = new StateFileWriter(channel, header)) {
///     out.begin(new StateSection("count", StateSection.Kind.VALUE, 0, "", "long"));
///     counts.writeTo(out);
///     out.finish();
/// }
/// ```
public final class StateFileWriter implements EntrySink, AutoCloseable {
    private static final byte[] NOTHING = {};

    private final FileOutput out;
    private final StateFileHeader header;
    private final Footer footer = new Footer();
    private final BlockWriter blocks;
    private State state = State.NO_SECTION;
    private boolean map;

    private enum State {
        NO_SECTION,
        SECTION,
        FINISHED,
        CLOSED
    }

    /// @param out closed by [#close]; may refuse at any write
    /// @throws IllegalArgumentException if the operator's id is too long
    public StateFileWriter(WritableByteChannel out, StateFileHeader header) throws IOException {
        this(out, header, Layout.PAYLOAD_MAX);
    }

    /// @param payloadMax the largest payload of a block, at most [Layout#PAYLOAD_MAX]
    StateFileWriter(WritableByteChannel out, StateFileHeader header, int payloadMax)
            throws IOException {
        byte[] encoded = FileEnds.encode(header, 0);
        this.out = new FileOutput(out);
        this.header = header;
        this.blocks = new BlockWriter(this.out, header, footer.blocks, payloadMax);
        this.out.write(encoded, 0, encoded.length);
    }

    /// Begins a section; the entries that follow are its. A section may stay empty.
    ///
    /// @throws IllegalArgumentException if the file has a section of that name, kind and window
    public void begin(StateSection section) throws IOException {
        checkWriting();
        if (footer.sections.contains(section)) {
            throw new IllegalArgumentException(
                    "the state file of operator '"
                            + header.operator()
                            + "' already has the "
                            + section.kind()
                            + " section '"
                            + section.name()
                            + "'"
                            + (section.kind().hasWindow() ? " of window " + section.window() : ""));
        }
        footer.sections.encodeTexts(section);
        endSection();
        footer.sections.add(section, 0);
        blocks.beginSection(footer.sections.size() - 1, section);
        map = section.kind() == StateSection.Kind.MAP;
        state = State.SECTION;
    }

    private void endSection() throws IOException {
        if (state == State.SECTION) {
            footer.sections.setEntryCount(footer.sections.size() - 1, blocks.endSection());
        }
    }

    /// An entry of any kind but MAP.
    @Override
    public void entry(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        checkEntry(false);
        blocks.entry(key, keyOffset, keyLength, NOTHING, 0, 0, value, valueOffset, valueLength);
    }

    /// An entry of a MAP section.
    @Override
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
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        Objects.checkFromIndexSize(mapKeyOffset, mapKeyLength, mapKey.length);
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        checkEntry(true);
        blocks.entry(
                key,
                keyOffset,
                keyLength,
                mapKey,
                mapKeyOffset,
                mapKeyLength,
                value,
                valueOffset,
                valueLength);
    }

    /// As [#entry], with key and value one after the other in page memory, as a table has them: for
    /// the tables, which answer for the address.
    ///
    /// @param address a multiple of 8; whole words of eight bytes are read, all in one page
    public void pageEntry(long address, int keyLength, int valueLength) throws IOException {
        if (!blocks.tryShortEntry(address, keyLength, valueLength)) {
            checkEntry(false);
            blocks.pageEntry(address, keyLength, valueLength);
        }
    }

    /// As [#mapEntry], with map key and value one after the other in page memory.
    ///
    /// @param address as of [#pageEntry]
    public void pageMapEntry(
            byte[] key,
            int keyOffset,
            int keyLength,
            long address,
            int mapKeyLength,
            int valueLength)
            throws IOException {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        checkEntry(true);
        blocks.pageMapEntry(key, keyOffset, keyLength, address, mapKeyLength, valueLength);
    }

    private void checkEntry(boolean ofMap) {
        checkWriting();
        if (state != State.SECTION) {
            throw new IllegalStateException("an entry of a state file came before its section");
        }
        if (ofMap != map) {
            throw new IllegalStateException(
                    map
                            ? "a MAP section takes only entries with a map key"
                            : "only a MAP section takes entries with a map key");
        }
    }

    private void checkWriting() {
        if (state == State.FINISHED || state == State.CLOSED) {
            throw new IllegalStateException(
                    "the state file of operator '"
                            + header.operator()
                            + (state == State.CLOSED ? "' was closed" : "' was finished")
                            + " before: it takes nothing more");
        }
        if (out.failed()) {
            throw new IllegalStateException(
                    "writing the state file of operator '"
                            + header.operator()
                            + "' failed before: it can only be closed");
        }
    }

    /// Writes what makes the file complete.
    ///
    /// @return the file's length
    public long finish() throws IOException {
        checkWriting();
        endSection();
        blocks.flush();
        footer.write(out, header.operator());
        state = State.FINISHED;
        return out.length();
    }

    /// Closes the channel; again, does nothing. Without [#finish] before, what was written is no
    /// state file.
    @Override
    public void close() throws IOException {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            blocks.close();
            out.close();
        }
    }
}
