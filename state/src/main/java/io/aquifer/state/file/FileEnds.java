package io.aquifer.state.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// What frames the blocks of a file: the header before them, footer and trailer behind them.
final class FileEnds {
    private static final int HEADER_MIN = Layout.HEADER_FIXED + 4;
    private static final int HEADER_MAX = HEADER_MIN + Layout.OPERATOR_BYTES_MAX;

    private final FileInput in;
    private final byte[] trailer = new byte[Layout.TRAILER];
    private final long footerOffset;
    private final int footerBytes;
    private final int headerBytes;
    final StateFileHeader header;

    FileEnds(FileInput in) throws IOException {
        this.in = in;
        byte[] start = new byte[16];
        require(
                in.length >= HEADER_MIN + Layout.TRAILER,
                in.length,
                "it is cut off, or no state file");
        in.read(0, start, 0, start.length);
        require(Layout.getLong(start, 0) == Layout.FILE_MAGIC, 0, "no state file begins like this");
        checkTrailer();
        footerOffset = Layout.getLong(trailer, 0);
        footerBytes = Layout.getInt(trailer, 8);
        headerBytes = Layout.getInt(start, 12);
        require(
                footerBytes >= 0
                        && footerOffset == in.length - Layout.TRAILER - footerBytes
                        && footerOffset >= HEADER_MIN,
                in.length - Layout.TRAILER,
                "its end was not written for a file of %,d bytes".formatted(in.length));
        require(
                headerBytes >= HEADER_MIN && headerBytes <= Math.min(HEADER_MAX, footerOffset),
                12,
                "%,d is no length of a header".formatted(headerBytes));
        header = readHeader();
    }

    private void checkTrailer() throws IOException {
        long offset = in.length - Layout.TRAILER;
        in.read(offset, trailer, 0, trailer.length);
        require(
                Layout.getLong(trailer, 24) == Layout.TRAILER_MAGIC,
                in.length,
                "the end is missing: it is cut off, or something was added");
        require(
                Layout.getInt(trailer, 20) == Layout.checksum(trailer, Layout.TRAILER_CHECKED),
                offset,
                "the checksum of its end is wrong");
        checkVersion(Layout.getInt(trailer, 16), offset + 16);
    }

    private void checkVersion(int version, long offset) throws IOException {
        if (version != Layout.VERSION) {
            throw CorruptStateFileException.unknown(
                    in.name, offset, "format version " + Integer.toUnsignedString(version));
        }
    }

    private StateFileHeader readHeader() throws IOException {
        byte[] bytes = new byte[headerBytes];
        in.read(0, bytes, 0, headerBytes);
        int end = headerBytes - 4;
        require(
                Layout.getInt(bytes, end) == Layout.checksum(bytes, end),
                0,
                "the checksum of its header is wrong");
        checkVersion(Layout.getInt(bytes, 8), 8);
        if (Layout.getInt(bytes, 16) != 0) {
            throw CorruptStateFileException.unknown(
                    in.name, 16, "header flags 0x%08x".formatted(Layout.getInt(bytes, 16)));
        }
        require(
                Layout.getInt(bytes, 36) == end - Layout.HEADER_FIXED,
                36,
                "the operator id does not fill the header");
        try {
            String operator =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(
                                    ByteBuffer.wrap(
                                            bytes, Layout.HEADER_FIXED, end - Layout.HEADER_FIXED))
                            .toString();
            return new StateFileHeader(
                    operator,
                    Layout.getInt(bytes, 20),
                    Layout.getInt(bytes, 24),
                    Layout.getInt(bytes, 28),
                    Layout.getInt(bytes, 32));
        } catch (CharacterCodingException | IllegalArgumentException impossible) {
            throw CorruptStateFileException.damaged(in.name, 16, "" + impossible.getMessage());
        }
    }

    Footer readFooter() throws IOException {
        byte[] bytes = new byte[footerBytes];
        in.read(footerOffset, bytes, 0, footerBytes);
        require(
                Layout.getInt(trailer, 12) == Layout.checksum(bytes, footerBytes),
                footerOffset,
                "the checksum of its footer is wrong");
        return Footer.decode(bytes, footerOffset, in.name);
    }

    /// Checks that the blocks follow one another from header to footer, section by section, and
    /// that this version can read them.
    void checkBlocks(Footer footer) throws IOException {
        BlockTable blocks = footer.blocks;
        long offset = headerBytes;
        int section = 0;
        long[] entries = new long[footer.sections.size()];
        for (int block = 0; block < blocks.count(); block++) {
            int bytes = blocks.bytes(block);
            require(
                    blocks.offset(block) == offset
                            && bytes >= Layout.BLOCK_HEADER
                            && bytes <= footerOffset - offset,
                    offset,
                    "block %,d does not lie where the one before ends".formatted(block));
            require(
                    blocks.section(block) >= section && blocks.section(block) < entries.length,
                    offset,
                    "block %,d is of section %,d, after one of %,d"
                            .formatted(block, blocks.section(block), section));
            section = blocks.section(block);
            if (!blocks.isAuxiliary(block)) {
                checkReadable(footer, block);
                checkContent(blocks, block);
                entries[section] += blocks.entries(block);
            }
            offset += bytes;
        }
        require(offset == footerOffset, offset, "bytes that belong to no block");
        for (int i = 0; i < entries.length; i++) {
            require(
                    entries[i] == footer.entryCount(i),
                    footerOffset,
                    "state '%s' has %,d entries, its blocks %,d"
                            .formatted(
                                    footer.sections.get(i).name(),
                                    footer.entryCount(i),
                                    entries[i]));
        }
    }

    private void checkReadable(Footer footer, int block) throws IOException {
        BlockTable blocks = footer.blocks;
        String what = null;
        if (blocks.bodyKind(block) != Layout.UNORDERED) {
            what =
                    "body kind "
                            + blocks.bodyKind(block)
                            + (blocks.bodyKind(block) == 2 ? " (ordered run)" : "");
        } else if (blocks.codec(block) != Layout.STORED) {
            what = "codec " + blocks.codec(block);
        } else if (blocks.flags(block) != 0) {
            what = "block flags 0x%04x".formatted(blocks.flags(block));
        }
        if (what != null) {
            throw CorruptStateFileException.unknown(
                    in.name,
                    blocks.offset(block),
                    what + " in " + StateFileReader.blockName(footer, block));
        }
    }

    private void checkContent(BlockTable blocks, int block) throws IOException {
        int first = blocks.firstKeyGroup(block);
        int last = blocks.lastKeyGroup(block);
        require(
                first >= header.firstKeyGroup() && first <= last && last <= header.lastKeyGroup(),
                blocks.offset(block),
                "block %,d has key groups %,d to %,d, the file %,d to %,d"
                        .formatted(
                                block, first, last, header.firstKeyGroup(), header.lastKeyGroup()));
        require(
                blocks.entries(block) >= 1
                        && blocks.entries(block) <= blocks.bytes(block) - Layout.BLOCK_HEADER,
                blocks.offset(block),
                "block %,d cannot hold %,d entries".formatted(block, blocks.entries(block)));
    }

    private void require(boolean holds, long offset, String otherwise) throws IOException {
        if (!holds) {
            throw CorruptStateFileException.damaged(in.name, offset, otherwise);
        }
    }
}
