package io.aquifer.state.file;

import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.zip.CRC32C;

/// Reads a file of a [StateFileWriter].
///
/// Header, footer and trailer are read and checked when the file is opened, a block and its
/// checksum when its entries are read. No length is believed before its checksum was found right.
/// What a newer version may have written and this one does not know is refused by name; see
/// `docs/checkpoint-format.md`.
///
/// **Threads.** One at a time, its [StateEntries] included; of those there may be several.
public final class StateFileReader implements AutoCloseable {
    private final FileInput in;
    private final StateFileHeader header;
    private final Footer footer;

    private StateFileReader(FileInput in, StateFileHeader header, Footer footer) {
        this.in = in;
        this.header = header;
        this.footer = footer;
    }

    /// @param in closed by [#close], or when this throws
    /// @param name what messages call the file
    /// @throws CorruptStateFileException when it is not a whole state file of a known version
    public static StateFileReader open(SeekableByteChannel in, String name) throws IOException {
        boolean opened = false;
        try {
            FileInput input = new FileInput(in, name);
            FileEnds ends = new FileEnds(input, Layout.CHANGES_FILE);
            Footer footer = Footer.read(input, ends);
            new BlockChecks(input, ends, footer).check();
            StateFileReader reader = new StateFileReader(input, ends.header(), footer);
            opened = true;
            return reader;
        } finally {
            if (!opened) {
                in.close();
            }
        }
    }

    public StateFileHeader header() {
        return header;
    }

    /// In the order they were written.
    public List<StateSection> sections() {
        return footer.sections.list();
    }

    /// The number of entries of a section.
    ///
    /// @throws IllegalArgumentException if it is none of [#sections]
    public long entryCount(StateSection section) {
        return footer.sections.entryCount(numberOf(section));
    }

    /// How many bytes the blocks of a section take in the file.
    ///
    /// @throws IllegalArgumentException if it is none of [#sections]
    public long storedBytes(StateSection section) {
        int number = numberOf(section);
        long bytes = 0;
        for (int block = footer.blocks.firstOf(number);
                block < footer.blocks.count() && footer.blocks.section(block) == number;
                block++) {
            bytes += footer.blocks.bytes(block);
        }
        return bytes;
    }

    /// The entries of a section of [#sections], in the order they were written.
    ///
    /// @throws IllegalArgumentException if it is none of [#sections]
    public StateEntries entries(StateSection section) {
        return new StateEntries(in, footer, numberOf(section));
    }

    private int numberOf(StateSection section) {
        int number = footer.sections.numberOf(section);
        if (number < 0) {
            throw new IllegalArgumentException(
                    "state file '" + in.name() + "' has no " + section + "; it has " + sections());
        }
        return number;
    }

    /// Reads everything and checks every checksum, with little memory however large the blocks.
    ///
    /// @throws CorruptStateFileException that names the block
    public void verify() throws IOException {
        byte[] part = new byte[Layout.BLOCK_HEADER + Layout.PAYLOAD_TARGET];
        byte[] head = new byte[Layout.BLOCK_HEADER];
        CRC32C crc = new CRC32C();
        for (int block = 0; block < footer.blocks.count(); block++) {
            long offset = footer.blocks.offset(block);
            int bytes = footer.blocks.bytes(block);
            in.read(offset, head, 0, head.length);
            crc.reset();
            crc.update(head, 0, Layout.BLOCK_CHECKED);
            for (int done = head.length; done < bytes; ) {
                int count = Math.min(bytes - done, part.length);
                in.read(offset + done, part, 0, count);
                crc.update(part, 0, count);
                done += count;
            }
            checkBlock(in, footer, block, head, (int) crc.getValue());
        }
    }

    /// Checks what was read of a block against the table of the blocks.
    static void checkBlock(FileInput in, Footer footer, int block, byte[] head, int checksum)
            throws CorruptStateFileException {
        BlockTable blocks = footer.blocks;
        String what = null;
        if (checksum != blocks.checksum(block)) {
            what =
                    "the checksum of its %,d bytes is 0x%08x and was 0x%08x"
                            .formatted(blocks.bytes(block), checksum, blocks.checksum(block));
        } else if (!blocks.describes(block, head, 0)) {
            what = "its header is not what the table of the blocks says";
        }
        if (what != null) {
            throw CorruptStateFileException.damaged(
                    in.name(), blocks.offset(block), blockName(footer, block) + ": " + what);
        }
    }

    static String blockName(Footer footer, int block) {
        return "block %,d of %,d, of state '%s'"
                .formatted(
                        block,
                        footer.blocks.count(),
                        footer.sections.get(footer.blocks.section(block)).name());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
