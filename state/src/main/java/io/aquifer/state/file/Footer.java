package io.aquifer.state.file;

import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.FooterCursor;
import io.aquifer.state.file.layout.Layout;
import io.aquifer.state.file.layout.Sections;

import java.io.IOException;
import java.util.zip.CRC32C;

/// What a state file holds: sections and blocks.
final class Footer {
    final Sections sections;
    final BlockTable blocks;

    Footer() {
        this(new Sections(), new BlockTable());
    }

    private Footer(Sections sections, BlockTable blocks) {
        this.sections = sections;
        this.blocks = blocks;
    }

    static Footer read(FileInput in, FileEnds ends) throws IOException {
        byte[] bytes = new byte[ends.footerBytes()];
        in.read(ends.footerOffset(), bytes, 0, bytes.length);
        if (ends.footerChecksum() != Layout.checksum(bytes, bytes.length)) {
            throw CorruptStateFileException.damaged(
                    in.name(), ends.footerOffset(), "the checksum of its footer is wrong");
        }
        FooterCursor at = new FooterCursor(bytes, ends.footerOffset(), in.name());
        Sections sections = Sections.decode(at);
        int blockCount = at.nextCount(BlockTable.ROW);
        at.require(
                at.remaining() == (long) blockCount * BlockTable.ROW,
                "the footer is longer than its tables");
        return new Footer(sections, new BlockTable(bytes, at.position()));
    }

    /// Writes footer and trailer.
    void write(FileOutput out, String operator) throws IOException {
        byte[] head = sections.encode(blocks.count());
        byte[] rows = blocks.rows();
        int rowBytes = blocks.rowBytes();
        if ((long) head.length + rowBytes > Layout.FOOTER_MAX) {
            throw out.fail(
                    ("cannot write a footer of %,d bytes to the state file of operator '%s': too"
                                    + " many sections or blocks")
                            .formatted((long) head.length + rowBytes, operator));
        }
        CRC32C crc = new CRC32C();
        crc.update(head);
        crc.update(rows, 0, rowBytes);
        byte[] trailer =
                FileEnds.encodeTrailer(out.length(), head.length + rowBytes, (int) crc.getValue());
        out.write(head, 0, head.length);
        out.write(rows, 0, rowBytes);
        out.write(trailer, 0, trailer.length);
    }
}
