package io.aquifer.state.run;

import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Reads what is behind the entries of a run's file, checks it, and brings fences and filter to
/// pages.
final class RunIndexReader implements RunFooter.Rows {
    private final RunInput in;
    private final RunFooter footer;
    private final RunDescription description;
    private final RunPages pages;
    private final Fences fences;
    private @Nullable Filter filter;
    private boolean filterWanted = true;
    private long filterLines;
    private long lastRouting;
    private long fencesWanted;

    /// Adds up to the same over the rows of the footer and over the fences.
    private long rowSum;

    private RunIndexReader(RunInput in, RunDescription expected, RunPages pages)
            throws IOException {
        this.in = in;
        this.pages = pages;
        FileEnds ends = new FileEnds(in, Layout.CHANGES_FILE);
        this.footer = new RunFooter(in, ends);
        this.description = describe(ends.header(), expected);
        this.fences = new Fences(pages);
    }

    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room for the fences;
    ///   nothing is held then
    static RunIndex read(RunInput in, RunDescription expected, RunPages pages) throws IOException {
        RunIndexReader reader = new RunIndexReader(in, expected, pages);
        boolean read = false;
        try {
            reader.read();
            read = true;
            return reader.result();
        } finally {
            if (!read) {
                reader.result().release();
            }
        }
    }

    private RunIndex result() {
        return new RunIndex(
                description, footer.isChanges(), footer.entries(), lastRouting, fences, filter);
    }

    private RunDescription describe(StateFileHeader header, RunDescription expected)
            throws IOException {
        if (!footer.section().equals(expected.section())
                || !header.operator().equals(expected.header().operator())
                || header.maxParallelism() != expected.header().maxParallelism()) {
            throw new IOException(
                    "run '%s' is of operator '%s' with max parallelism %,d and holds %s, where operator '%s' with max parallelism %,d looks for %s"
                            .formatted(
                                    in.name(),
                                    header.operator(),
                                    header.maxParallelism(),
                                    footer.section(),
                                    expected.header().operator(),
                                    expected.header().maxParallelism(),
                                    expected.section()));
        }
        return new RunDescription(header, expected.section(), expected.keyGroupBits());
    }

    private void read() throws IOException {
        footer.forEachRow(this);
        byte[] auxiliary = footer.auxiliary();
        for (int row = 0; row < auxiliary.length; row += RunFooter.ROW) {
            int kind = auxiliary[row + 28] & 0xFF;
            if (kind == RunLayout.FENCES) {
                readFences(readBlock(auxiliary, row), Layout.getLong(auxiliary, row));
            } else if (kind == RunLayout.FILTER && filterWanted) {
                readFilter(readBlock(auxiliary, row), Layout.getLong(auxiliary, row));
            }
        }
        long end = in.length() - Layout.TRAILER;
        if (fences.count() != footer.entryBlocks()
                || fencesWanted != fences.count()
                || rowSum != 0) {
            throw damaged(
                    end,
                    "its fences are not those of its %,d blocks".formatted(footer.entryBlocks()));
        }
        Filter read = filter;
        if (read != null && filterLines != read.lines()) {
            throw damaged(end, "a part of its filter is missing");
        }
    }

    @Override
    public void entryBlock(long offset, int bytes, int entries, int checksum) {
        rowSum += sum(offset, bytes, entries, checksum);
    }

    private static long sum(long offset, int bytes, int entries, int checksum) {
        long row = offset * 31 + bytes;
        row = row * 31 + entries;
        row = row * 31 + checksum;
        return (row ^ row >>> 29) * 0x94D0_49BB_1331_11EBL;
    }

    private byte[] readBlock(byte[] rows, int row) throws IOException {
        byte[] block = new byte[Layout.getInt(rows, row + 8)];
        footer.readBlock(rows, row, block);
        return block;
    }

    private void readFences(byte[] block, long offset) throws IOException {
        int at = Layout.BLOCK_HEADER;
        if (block.length < at + RunLayout.FENCES_HEADER
                || Layout.getLong(block, at) != fences.count()) {
            throw damaged(
                    offset, "these are not fences from number %,d on".formatted(fences.count()));
        }
        fencesWanted = Layout.getLong(block, at + 8);
        lastRouting = Layout.getLong(block, at + 16);
        at += RunLayout.FENCES_HEADER;
        while (at < block.length) {
            at = readFence(block, at, offset);
        }
    }

    private int readFence(byte[] block, int at, long offset) throws IOException {
        int end = at + RunLayout.FENCE;
        if (end > block.length) {
            throw damaged(offset + at, "a fence ends behind its block");
        }
        long routing = Layout.getLong(block, at);
        int tail = block[end - 1] & 0xFF;
        int count = fences.count();
        if (count > 0 && Long.compareUnsigned(fences.routing(count - 1), routing) > 0) {
            throw damaged(offset + at, "fence %,d is less than the one before".formatted(count));
        }
        int bytes = Layout.getInt(block, at + 16);
        int entries = Layout.getInt(block, at + 20);
        int checksum = Layout.getInt(block, at + 24);
        long blockOffset = Layout.getLong(block, at + 8);
        fences.add(routing, blockOffset, bytes, entries, checksum, 0);
        rowSum -= sum(blockOffset, bytes, entries, checksum);
        if (tail == 0) {
            return end;
        }
        int kind = tail - 1 & ~RunLayout.TAIL_CUT;
        if (kind > RunLayout.KIND_MAX
                || end == block.length
                || end + 1 + (block[end] & 0xFF) > block.length) {
            throw damaged(offset + at, "a fence ends behind its block");
        }
        int length = block[end] & 0xFF;
        fences.addTail(kind, (tail - 1 & RunLayout.TAIL_CUT) != 0, block, end + 1, length);
        return end + 1 + length;
    }

    private void readFilter(byte[] block, long offset) throws IOException {
        int at = Layout.BLOCK_HEADER;
        if (block.length < at + RunLayout.FILTER_HEADER) {
            throw damaged(offset, "this is no filter");
        }
        long lines = Layout.getLong(block, at);
        int probes = Layout.getInt(block, at + 16);
        if (Layout.getInt(block, at + 20) != RunLayout.FILTER_HASH) {
            filterWanted = false;
            return;
        }
        int begin = at + RunLayout.FILTER_HEADER;
        int count = (block.length - begin) / RunLayout.LINE;
        if (lines <= 0
                || lines > in.length() / RunLayout.LINE
                || probes <= 0
                || probes > 8 * RunLayout.LINE
                || Layout.getLong(block, at + 8) != filterLines
                || count > lines - filterLines) {
            throw damaged(
                    offset,
                    "these are not lines of a filter from number %,d on".formatted(filterLines));
        }
        Filter opened = filter;
        if (opened == null) {
            opened = Filter.tryOpenLines(pages, lines, probes);
            if (opened == null) {
                filterWanted = false;
                return;
            }
            filter = opened;
        }
        if (opened.lines() != lines || opened.probes() != probes) {
            throw damaged(offset, "these are lines of another filter");
        }
        opened.writeLines(filterLines, count, block, begin);
        filterLines += count;
    }

    private CorruptStateFileException damaged(long offset, String what) {
        return CorruptStateFileException.damaged(in.name(), offset, what);
    }
}
