package io.aquifer.connectors.files;

import dev.hardwood.internal.EncryptedParquetException;
import dev.hardwood.internal.thrift.FileMetaDataReader;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.schema.ColumnSchema;
import dev.hardwood.schema.FileSchema;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An open Parquet file: its footer and its bytes, which are read and not mapped, so that closing
/// gives everything back.
///
/// Hardwood parses the footer, the page headers and the encodings. Its pipeline of prefetching
/// threads is not used: a subtask reads its split on its own thread, with one page a column in
/// memory.
final class ParquetFile implements Closeable {
    private static final int MAGIC = 0x31524150;

    private final Path path;
    private final FileChannel channel;
    private final long length;
    private final FileMetaData footer;
    private final FileSchema schema;

    ParquetFile(Path path) throws IOException {
        this.path = path;
        try {
            channel = FileChannel.open(path);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(path, e);
        }
        try {
            length = channel.size();
            checkMagic();
            footer = readFooter();
            schema = FileSchema.fromSchemaElements(footer.schema());
            if (footer.rowGroups().stream().mapToLong(group -> group.numRows()).sum()
                    != footer.numRows()) {
                throw new IOException("its row groups have not as many rows as the footer says");
            }
        } catch (FileFormatException | FileAccessException e) {
            channel.close();
            throw e;
        } catch (EncryptedParquetException e) {
            channel.close();
            throw encrypted();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw FileFormatException.damaged(
                    path, "has a damaged footer (" + oneLine(e) + ")", "No row could be read.", e);
        }
    }

    private FileFormatException encrypted() {
        return FileFormatException.of(
                path, "is encrypted, which cannot be read. Write it again without encryption.");
    }

    private void checkMagic() throws IOException {
        if (length == 0) {
            throw FileFormatException.of(
                    path, "is empty: 0 bytes. Write it again, or take it out of the input.");
        }
        byte[] magic = new byte[4];
        read(0, magic, (int) Math.min(4, length));
        if (magic[0] == 'P' && magic[3] == 'E') {
            throw encrypted();
        }
        if (ByteBuffer.wrap(magic).order(ByteOrder.LITTLE_ENDIAN).getInt() != MAGIC) {
            throw FileFormatException.of(
                    path,
                    "is not a Parquet file: it does not start with PAR1. Name the format with "
                            + "FileSource.as, or give the file the ending of its format.");
        }
        read(Math.max(0, length - 4), magic, 4);
        if (length < 12
                || ByteBuffer.wrap(magic).order(ByteOrder.LITTLE_ENDIAN).getInt() != MAGIC) {
            throw FileFormatException.damaged(
                    path,
                    "is cut off after "
                            + FileFormatException.grouped(length)
                            + " bytes: a Parquet file ends with PAR1 and the footer before it",
                    "No row could be read.",
                    new EOFException());
        }
    }

    private FileMetaData readFooter() throws IOException {
        byte[] tail = new byte[4];
        read(length - 8, tail, 4);
        int size = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (size < 0 || size > length - 12) {
            throw new IOException(
                    "it is said to have " + FileFormatException.grouped(size) + " bytes");
        }
        byte[] bytes = new byte[size];
        read(length - 8 - size, bytes, size);
        FileMetaData read =
                FileMetaDataReader.read(new CheckedThriftReader(ByteBuffer.wrap(bytes)));
        if (read.rowGroups().isEmpty() && length > 12 + size) {
            throw new IOException("it knows no rows, but the file has data");
        }
        return read;
    }

    Path path() {
        return path;
    }

    FileMetaData footer() {
        return footer;
    }

    /// The columns that are no part of a list or a group, in the file's order.
    List<ColumnSchema> flatColumns() {
        List<ColumnSchema> flat = new ArrayList<>();
        for (ColumnSchema column : schema.getColumns()) {
            if (column.fieldPath().elements().size() == 1 && column.maxRepetitionLevel() == 0) {
                flat.add(column);
            }
        }
        return flat;
    }

    long length() {
        return length;
    }

    /// Fills `into[0, count)` from the file.
    void read(long from, byte[] into, int count) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(into, 0, count);
        while (target.hasRemaining()) {
            int read = channel.read(target, from + target.position());
            if (read < 0) {
                throw new EOFException(
                        "the file ends at byte "
                                + FileFormatException.grouped(from + target.position()));
            }
        }
    }

    /// The text of an exception for the middle of a sentence.
    static String oneLine(Throwable problem) {
        String text = String.valueOf(problem.getMessage()).lines().findFirst().orElse("");
        return problem instanceof IOException && !text.isEmpty() && !text.equals("null")
                ? text.replaceAll("\\.$", "")
                : "its bytes contradict each other";
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
