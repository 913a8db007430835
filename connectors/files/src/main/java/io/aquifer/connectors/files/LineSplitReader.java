package io.aquifer.connectors.files;

import io.aquifer.api.connector.SourceOutput;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads a file line by line: a compressed one from its start, an uncompressed one by byte ranges.
///
/// A range owns the lines that start in it, so the lines of all ranges together are the file's
/// lines, each once. Positions are the place of the next line in bytes; in a compressed file they
/// count the rows read. Rejects tell the row where it is known, which is in the first range, also
/// when it is read on in the middle, else the byte.
final class LineSplitReader<T> implements RowSplitReader<T> {
    private final Path file;
    private final String source;
    private final LineParser<T> parser;
    private final LineScanner lines;
    private final boolean byRows;
    private final boolean fromFileStart;
    private final long end;
    private long row;
    private long position;

    /// @param start where the range starts, in bytes; 0 for a compressed file
    /// @param end where it ends
    LineSplitReader(Path file, LineParser<T> parser, long start, long end, long position)
            throws IOException {
        this.file = file;
        this.source = file.toString();
        this.parser = parser;
        this.byRows = FileFormat.isGzip(file);
        this.position = position;
        this.end = byRows ? Long.MAX_VALUE : end;
        this.fromFileStart = byRows || start == 0;
        if (byRows) {
            lines = new LineScanner(DataFiles.open(file), 0);
        } else {
            // A line that starts at `start` belongs to this range: look for the end of the line
            // before it. The first range is read from its start, since its rows are counted.
            long from = fromFileStart ? 0 : position - 1;
            lines = new LineScanner(openAt(file, from), from);
        }
        try {
            if (byRows) {
                countRows(position);
            } else if (fromFileStart) {
                countBytes(position);
            } else {
                skipLineBefore(start);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void skipLineBefore(long start) throws IOException {
        boolean found = lines.next();
        if (lines.failure() != null) {
            throw DataFiles.explain(file, lines.failure(), row);
        } else if (!found || position > start && lines.nextLineStart() != position) {
            throw changed();
        }
    }

    private void countRows(long before) throws IOException {
        while (row < before && nextRow()) {
            row++;
        }
        if (row < before) {
            throw RowSplitReader.tooFew(file, before, row);
        }
    }

    private void countBytes(long before) throws IOException {
        while (lines.nextLineStart() < before && nextRow()) {
            row++;
        }
        if (lines.nextLineStart() != before) {
            throw changed();
        }
    }

    private FileFormatException changed() throws IOException {
        return FileFormatException.changed(
                file,
                "byte " + FileFormatException.grouped(position),
                "no line starts there; the file has "
                        + FileFormatException.grouped(Files.size(file))
                        + " bytes");
    }

    private static InputStream openAt(Path file, long from) throws IOException {
        try {
            SeekableByteChannel channel = Files.newByteChannel(file);
            channel.position(from);
            return Channels.newInputStream(channel);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(file, e);
        }
    }

    @Override
    public boolean read(SourceOutput<T> output, int most) throws IOException {
        int count = 0;
        for (; count < most && nextRow(); count++) {
            row++;
            position = byRows ? row : lines.nextLineStart();
            String place = fromFileStart ? Long.toString(row) : "byte " + lines.lineStart();
            if (lines.tooLong()) {
                RowSplitReader.reject(
                        output,
                        source,
                        place,
                        "",
                        "longer than 16 MiB",
                        "byte " + lines.lineStart());
            } else {
                parser.parse(lines.bytes(), lines.start(), lines.end(), place, output);
            }
        }
        return count > 0;
    }

    private boolean nextRow() throws IOException {
        do {
            if (lines.nextLineStart() >= end) {
                return false;
            }
            if (!lines.next()) {
                if (lines.failure() != null) {
                    throw DataFiles.explain(file, lines.failure(), row);
                }
                return false;
            }
            if (lines.lineStart() == 0) {
                lines.dropByteOrderMark();
            }
        } while (parser.passesOverBlankLines() && !lines.tooLong() && lines.isBlank());
        return true;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long heapBytes() {
        return lines.heapBytes();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
