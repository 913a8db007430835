package io.aquifer.state.file;

import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;

/// Whether the table of a file's blocks makes sense, and this version can read all of it.
final class BlockChecks {
    private final FileInput in;
    private final FileEnds ends;
    private final Footer footer;

    BlockChecks(FileInput in, FileEnds ends, Footer footer) {
        this.in = in;
        this.ends = ends;
        this.footer = footer;
    }

    /// Checks that the blocks follow one another from header to footer, section by section, and
    /// that this version can read them.
    void check() throws IOException {
        BlockTable blocks = footer.blocks;
        refuseRuns();
        if (ends.flags() != 0) {
            throw CorruptStateFileException.unknown(
                    in.name(), 16, "header flags 0x%08x".formatted(ends.flags()));
        }
        long offset = ends.headerBytes();
        int section = 0;
        long[] entries = new long[footer.sections.size()];
        for (int block = 0; block < blocks.count(); block++) {
            int bytes = blocks.bytes(block);
            require(
                    blocks.offset(block) == offset
                            && bytes >= Layout.BLOCK_HEADER
                            && bytes <= ends.footerOffset() - offset,
                    offset,
                    "block %,d does not lie where the one before ends".formatted(block));
            require(
                    blocks.section(block) >= section && blocks.section(block) < entries.length,
                    offset,
                    "block %,d is of section %,d, after one of %,d"
                            .formatted(block, blocks.section(block), section));
            section = blocks.section(block);
            if (!blocks.isAuxiliary(block)) {
                checkReadable(block);
                checkContent(block);
                entries[section] += blocks.entries(block);
            }
            offset += bytes;
        }
        require(offset == ends.footerOffset(), offset, "bytes that belong to no block");
        for (int i = 0; i < entries.length; i++) {
            require(
                    entries[i] == footer.sections.entryCount(i),
                    ends.footerOffset(),
                    "state '%s' has %,d entries, its blocks %,d"
                            .formatted(
                                    footer.sections.get(i).name(),
                                    footer.sections.entryCount(i),
                                    entries[i]));
        }
    }

    /// Entries of a run say what they do to those of older runs: alone they are no state.
    private void refuseRuns() throws IOException {
        for (int block = 0; block < footer.blocks.count(); block++) {
            if (footer.blocks.bodyKind(block) == Layout.ORDERED_RUN) {
                throw CorruptStateFileException.orderedRun(
                        in.name(),
                        footer.blocks.offset(block),
                        StateFileReader.blockName(footer, block));
            }
        }
    }

    private void checkReadable(int block) throws IOException {
        BlockTable blocks = footer.blocks;
        String what = null;
        if (blocks.bodyKind(block) != Layout.UNORDERED) {
            what = "body kind " + blocks.bodyKind(block);
        } else if (blocks.codec(block) != Layout.STORED) {
            what = "codec " + blocks.codec(block);
        } else if (blocks.flags(block) != 0) {
            what = "block flags 0x%04x".formatted(blocks.flags(block));
        }
        if (what != null) {
            throw CorruptStateFileException.unknown(
                    in.name(),
                    blocks.offset(block),
                    what + " in " + StateFileReader.blockName(footer, block));
        }
    }

    private void checkContent(int block) throws IOException {
        BlockTable blocks = footer.blocks;
        StateFileHeader header = ends.header();
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
            throw CorruptStateFileException.damaged(in.name(), offset, otherwise);
        }
    }
}
