package io.aquifer.state.run;

import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.FooterCursor;
import io.aquifer.state.file.layout.Layout;
import io.aquifer.state.file.layout.Sections;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The footer of a run's file, read part by part, since its rows grow with the file: on the heap
/// are only the rows of blocks that hold no entries, a thousandth of them.
final class RunFooter {
    static final int ROW = 36;
    private static final int PART = 1820 * ROW;

    private final RunInput in;
    private final FileEnds ends;
    private final CRC32C crc = new CRC32C();
    private final byte[] part;
    private final ByteArrayOutputStream auxiliary = new ByteArrayOutputStream();
    private final StateSection section;
    private final long entries;
    private final int blocks;
    private final int rowsAt;
    private int entryBlocks;

    /// What is done with each block of entries, in the order of the file.
    interface Rows {
        void entryBlock(long offset, int bytes, int entries, int checksum);
    }

    RunFooter(RunInput in, FileEnds ends) throws IOException {
        this.in = in;
        this.ends = ends;
        this.part = new byte[Math.min(PART, ends.footerBytes())];
        checkChecksum();
        byte[] head = new byte[Math.min(ends.footerBytes(), RunEnd.FOOTER_HEAD_MAX)];
        in.read(ends.footerOffset(), head, 0, head.length);
        FooterCursor at = new FooterCursor(head, ends.footerOffset(), in.name());
        Sections sections = Sections.decode(at);
        blocks = at.nextInt();
        rowsAt = at.position();
        at.require(
                blocks >= 0 && rowsAt + (long) blocks * ROW == ends.footerBytes(),
                "the footer is longer than its tables");
        at.require(sections.size() == 1, "a run has one section, not " + sections.size());
        section = sections.get(0);
        entries = sections.entryCount(0);
    }

    private void checkChecksum() throws IOException {
        crc.reset();
        for (int done = 0; done < ends.footerBytes(); ) {
            int count = Math.min(ends.footerBytes() - done, part.length);
            in.read(ends.footerOffset() + done, part, 0, count);
            crc.update(part, 0, count);
            done += count;
        }
        if ((int) crc.getValue() != ends.footerChecksum()) {
            throw damaged(ends.footerOffset(), "the checksum of its footer is wrong");
        }
    }

    StateSection section() {
        return section;
    }

    boolean isChanges() {
        return ends.flags() != 0;
    }

    /// Entries of the section.
    long entries() {
        return entries;
    }

    /// How many blocks hold entries; known after [#forEachRow].
    int entryBlocks() {
        return entryBlocks;
    }

    /// The rows of the blocks that hold none; known after [#forEachRow].
    byte[] auxiliary() {
        return auxiliary.toByteArray();
    }

    /// Goes through all rows and checks that they make sense and this version can read them.
    void forEachRow(Rows rows) throws IOException {
        entryBlocks = 0;
        auxiliary.reset();
        long offset = ends.headerBytes();
        long sum = 0;
        for (int block = 0; block < blocks; ) {
            int count = readRows(block);
            for (int row = 0; row < count * ROW; row += ROW) {
                int bytes = Layout.getInt(part, row + 8);
                checkPlace(block, row, offset);
                if ((part[row + 28] & 0xFF) >= Layout.AUXILIARY) {
                    auxiliary.write(part, row, ROW);
                } else {
                    checkReadable(block, row);
                    int blockEntries = Layout.getInt(part, row + 16);
                    sum += blockEntries;
                    entryBlocks++;
                    rows.entryBlock(offset, bytes, blockEntries, Layout.getInt(part, row + 32));
                }
                offset += bytes;
                block++;
            }
        }
        if (offset != ends.footerOffset()) {
            throw damaged(offset, "bytes that belong to no block");
        }
        if (sum != entries) {
            throw damaged(
                    ends.footerOffset(),
                    "state '%s' has %,d entries, its blocks %,d"
                            .formatted(section.name(), entries, sum));
        }
    }

    /// Reads rows from a block's on, as many as there are and have room, and returns how many.
    private int readRows(int block) throws IOException {
        int count = Math.min(blocks - block, part.length / ROW);
        in.read(ends.footerOffset() + rowsAt + (long) block * ROW, part, 0, count * ROW);
        return count;
    }

    private void checkPlace(int block, int row, long offset) throws IOException {
        int bytes = Layout.getInt(part, row + 8);
        int inSection = Layout.getInt(part, row + 12);
        if (Layout.getLong(part, row) != offset
                || bytes < Layout.BLOCK_HEADER
                || bytes > ends.footerOffset() - offset) {
            throw damaged(
                    offset, "block %,d does not lie where the one before ends".formatted(block));
        }
        if (inSection != 0) {
            throw damaged(
                    offset,
                    "block %,d is of section %,d, of which there is none"
                            .formatted(block, inSection));
        }
    }

    private void checkReadable(int block, int row) throws IOException {
        int kind = part[row + 28] & 0xFF;
        int flags = Layout.getShort(part, row + 30);
        if (kind != Layout.ORDERED_RUN
                || part[row + 29] != Layout.STORED
                || flags != (isChanges() ? Layout.CHANGES_BLOCK : 0)) {
            throw unknown(block, row);
        }
        int entryCount = Layout.getInt(part, row + 16);
        int first = Layout.getInt(part, row + 20);
        int last = Layout.getInt(part, row + 24);
        if (entryCount < 1
                || entryCount > Layout.getInt(part, row + 8) - Layout.BLOCK_HEADER
                || first < ends.header().firstKeyGroup()
                || first > last
                || last > ends.header().lastKeyGroup()) {
            throw damaged(
                    Layout.getLong(part, row),
                    "block %,d cannot hold %,d entries of key groups %,d to %,d"
                            .formatted(block, entryCount, first, last));
        }
    }

    private CorruptStateFileException unknown(int block, int row) {
        int kind = part[row + 28] & 0xFF;
        int codec = part[row + 29] & 0xFF;
        String what;
        if (kind != Layout.ORDERED_RUN) {
            what = "body kind " + kind;
        } else if (codec != Layout.STORED) {
            what = "codec " + codec;
        } else {
            what = "block flags 0x%04x".formatted(Layout.getShort(part, row + 30));
        }
        return CorruptStateFileException.unknown(
                in.name(),
                Layout.getLong(part, row),
                "%s in block %,d of %,d, of run state '%s'"
                        .formatted(what, block, blocks, section.name()));
    }

    /// Reads a block and checks it against its row.
    ///
    /// @param block gets all of it
    void readBlock(byte[] rows, int row, byte[] block) throws IOException {
        long offset = Layout.getLong(rows, row);
        in.read(offset, block, 0, block.length);
        crc.reset();
        crc.update(block, 0, Layout.BLOCK_CHECKED);
        crc.update(block, Layout.BLOCK_HEADER, block.length - Layout.BLOCK_HEADER);
        checkBlock(rows, row, block, block.length, (int) crc.getValue());
    }

    private void checkBlock(byte[] rows, int row, byte[] header, int bytes, int checksum)
            throws IOException {
        if (checksum != Layout.getInt(rows, row + 32)
                || Layout.getInt(header, 0) != Layout.BLOCK_MAGIC
                || Layout.getInt(header, 4) != bytes - Layout.BLOCK_HEADER
                || !Arrays.equals(header, 12, ROW, rows, row + 12, row + ROW)) {
            throw damaged(
                    Layout.getLong(rows, row),
                    "the checksum of a block of %,d bytes is 0x%08x and was 0x%08x, or its header is not what the table of the blocks says"
                            .formatted(bytes, checksum, Layout.getInt(rows, row + 32)));
        }
    }

    /// Reads all blocks and checks their checksums, with little memory however large they are.
    void verifyBlocks() throws IOException {
        byte[] buffer = new byte[(int) Math.min(PART, in.length())];
        byte[] header = new byte[Layout.BLOCK_HEADER];
        for (int block = 0; block < blocks; ) {
            int count = readRows(block);
            for (int row = 0; row < count * ROW; row += ROW) {
                verifyBlock(row, buffer, header);
            }
            block += count;
        }
    }

    private void verifyBlock(int row, byte[] buffer, byte[] header) throws IOException {
        long offset = Layout.getLong(part, row);
        int bytes = Layout.getInt(part, row + 8);
        in.read(offset, header, 0, header.length);
        crc.reset();
        crc.update(header, 0, Layout.BLOCK_CHECKED);
        for (int done = header.length; done < bytes; ) {
            int count = Math.min(bytes - done, buffer.length);
            in.read(offset + done, buffer, 0, count);
            crc.update(buffer, 0, count);
            done += count;
        }
        checkBlock(part, row, header, bytes, (int) crc.getValue());
    }

    private CorruptStateFileException damaged(long offset, String what) {
        return CorruptStateFileException.damaged(in.name(), offset, what);
    }
}
