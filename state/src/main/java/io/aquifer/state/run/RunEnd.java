package io.aquifer.state.run;

import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;
import io.aquifer.state.file.layout.Sections;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32C;

/// Writes what is behind the entries of a run: fences, filter, footer and trailer.
final class RunEnd {
    /// As much as a reader looks at for the section's texts.
    static final int FOOTER_HEAD_MAX = 1 << 20;

    private static final int ROW = 36;
    private static final int AUXILIARY_MAX =
            Layout.BLOCK_HEADER
                    + RunLayout.FENCES_HEADER
                    + RunLayout.AUXILIARY_BYTES
                    + RunLayout.FENCE
                    + 1
                    + RunLayout.TAIL_KEY_MAX
                    + Long.BYTES;

    private final RunDescription description;
    private final boolean changes;
    private final Sections sections = new Sections();
    private final CRC32C crc = new CRC32C();
    private final byte[] row = new byte[ROW];

    /// @throws IllegalArgumentException if the texts of the section do not fit a file
    RunEnd(RunDescription description, boolean changes) {
        this.description = description;
        this.changes = changes;
        sections.encodeTexts(description.section());
        sections.add(description.section(), 0);
        int head = sections.encode(0).length;
        if (head > FOOTER_HEAD_MAX) {
            throw new IllegalArgumentException(
                    "name and types of state '%s' of operator '%s' take %,d bytes; a run takes %,d"
                            .formatted(
                                    description.section().name(),
                                    description.header().operator(),
                                    head,
                                    FOOTER_HEAD_MAX));
        }
    }

    RunDescription description() {
        return description;
    }

    boolean isChanges() {
        return changes;
    }

    /// Writes the header of a block of entries, but for its checksum.
    void putBlockHeader(
            byte[] to, int at, int payload, int entries, int firstKeyGroup, int lastKeyGroup) {
        putHeader(to, at, payload, entries, Layout.ORDERED_RUN);
        Layout.putInt(to, at + 20, firstKeyGroup);
        Layout.putInt(to, at + 24, lastKeyGroup);
        Layout.putShort(to, at + 30, changes ? Layout.CHANGES_BLOCK : 0);
    }

    private void putHeader(byte[] to, int at, int payload, int entries, int bodyKind) {
        Layout.putInt(to, at, Layout.BLOCK_MAGIC);
        Layout.putInt(to, at + 4, payload);
        Layout.putInt(to, at + 8, payload);
        Layout.putInt(to, at + 12, 0);
        Layout.putInt(to, at + 16, entries);
        Layout.putInt(to, at + 20, description.header().firstKeyGroup());
        Layout.putInt(to, at + 24, description.header().lastKeyGroup());
        to[at + 28] = (byte) bodyKind;
        to[at + 29] = Layout.STORED;
        Layout.putShort(to, at + 30, 0);
    }

    /// @param order the ranges in the order of their routings
    void write(
            RunOutput out,
            Fences fences,
            @Nullable Filter filter,
            Ranges ranges,
            int[] order,
            long entries)
            throws IOException {
        ByteArrayOutputStream auxiliary = new ByteArrayOutputStream();
        byte[] block = new byte[AUXILIARY_MAX];
        writeFences(out, fences, ranges, order, block, auxiliary);
        if (filter != null && entries > 0) {
            writeFilter(out, filter, block, auxiliary);
        }
        sections.setEntryCount(0, entries);
        writeFooter(out, fences, auxiliary.toByteArray());
        out.flush();
    }

    private void writeFences(
            RunOutput out,
            Fences fences,
            Ranges ranges,
            int[] order,
            byte[] block,
            ByteArrayOutputStream auxiliary)
            throws IOException {
        int begin = Layout.BLOCK_HEADER + RunLayout.FENCES_HEADER;
        int at = begin;
        int number = 0;
        int first = 0;
        for (int range : order) {
            int rangeEnd = ranges.endBlock(range, fences.count());
            for (int fence = ranges.firstBlock(range); fence < rangeEnd; fence++) {
                at = putFence(fences, fence, block, at);
                number++;
                if (at - begin >= RunLayout.AUXILIARY_BYTES || number == fences.count()) {
                    Layout.putLong(block, Layout.BLOCK_HEADER, first);
                    Layout.putLong(block, Layout.BLOCK_HEADER + 8, fences.count());
                    Layout.putLong(
                            block,
                            Layout.BLOCK_HEADER + 16,
                            ranges.lastRouting(order[order.length - 1]));
                    writeBlock(out, block, at, number - first, RunLayout.FENCES, auxiliary);
                    first = number;
                    at = begin;
                }
            }
        }
    }

    private static int putFence(Fences fences, int fence, byte[] to, int at) {
        Layout.putLong(to, at, fences.routing(fence));
        Layout.putLong(to, at + 8, fences.offset(fence));
        Layout.putInt(to, at + 16, fences.bytes(fence));
        Layout.putInt(to, at + 20, fences.entries(fence));
        Layout.putInt(to, at + 24, fences.checksum(fence));
        int end = at + RunLayout.FENCE;
        if (!fences.hasTail(fence)) {
            to[end - 1] = 0;
            return end;
        }
        int length = fences.tailLength(fence);
        to[end - 1] = (byte) (fences.tailKind(fence) + 1);
        to[end] = (byte) length;
        fences.readTail(fence, to, end + 1);
        return end + 1 + length;
    }

    private void writeFilter(
            RunOutput out, Filter filter, byte[] block, ByteArrayOutputStream auxiliary)
            throws IOException {
        int begin = Layout.BLOCK_HEADER + RunLayout.FILTER_HEADER;
        int most = RunLayout.AUXILIARY_BYTES / RunLayout.LINE;
        for (long line = 0; line < filter.lines(); ) {
            int count = (int) Math.min(most, filter.lines() - line);
            Layout.putLong(block, Layout.BLOCK_HEADER, filter.lines());
            Layout.putLong(block, Layout.BLOCK_HEADER + 8, line);
            Layout.putInt(block, Layout.BLOCK_HEADER + 16, filter.probes());
            Layout.putInt(block, Layout.BLOCK_HEADER + 20, RunLayout.FILTER_HASH);
            filter.readLines(line, count, block, begin);
            writeBlock(
                    out, block, begin + count * RunLayout.LINE, count, RunLayout.FILTER, auxiliary);
            line += count;
        }
    }

    /// Writes a block that only helps to find entries, and notes its row.
    private void writeBlock(
            RunOutput out,
            byte[] block,
            int end,
            int entries,
            int bodyKind,
            ByteArrayOutputStream auxiliary)
            throws IOException {
        putHeader(block, 0, end - Layout.BLOCK_HEADER, entries, bodyKind);
        crc.reset();
        crc.update(block, 0, Layout.BLOCK_CHECKED);
        crc.update(block, Layout.BLOCK_HEADER, end - Layout.BLOCK_HEADER);
        Layout.putInt(block, Layout.BLOCK_CHECKED, (int) crc.getValue());
        Layout.putLong(row, 0, out.offset());
        Layout.putInt(row, 8, end);
        System.arraycopy(block, 12, row, 12, ROW - 12);
        auxiliary.write(row, 0, ROW);
        out.write(block, 0, end);
    }

    private void writeFooter(RunOutput out, Fences fences, byte[] auxiliary) throws IOException {
        int blocks = fences.count() + auxiliary.length / ROW;
        byte[] head = sections.encode(blocks);
        long bytes = head.length + (long) blocks * ROW;
        if (bytes > Layout.FOOTER_MAX) {
            throw new IOException(
                    "cannot write a footer of %,d bytes to run '%s' of operator '%s', state '%s': %,d blocks are too many. Raise the parallelism, so that each run has less."
                            .formatted(
                                    bytes,
                                    out.name(),
                                    description.header().operator(),
                                    description.section().name(),
                                    blocks));
        }
        long offset = out.offset();
        crc.reset();
        crc.update(head);
        out.write(head, 0, head.length);
        for (int block = 0; block < fences.count(); block++) {
            putRow(fences, block);
            crc.update(row, 0, ROW);
            out.write(row, 0, ROW);
        }
        crc.update(auxiliary);
        out.write(auxiliary, 0, auxiliary.length);
        byte[] trailer = FileEnds.encodeTrailer(offset, (int) bytes, (int) crc.getValue());
        out.write(trailer, 0, trailer.length);
    }

    private void putRow(Fences fences, int block) {
        putHeader(row, 0, 0, fences.entries(block), Layout.ORDERED_RUN);
        Layout.putLong(row, 0, fences.offset(block));
        Layout.putInt(row, 8, fences.bytes(block));
        Layout.putInt(row, 20, description.keyGroup(fences.routing(block)));
        Layout.putInt(row, 24, fences.lastKeyGroup(block));
        Layout.putShort(row, 30, changes ? Layout.CHANGES_BLOCK : 0);
        Layout.putInt(row, 32, fences.checksum(block));
    }
}
