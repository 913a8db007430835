package io.aquifer.connectors.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The file a writer writes to, buffered, under its hidden name.
///
/// **Invariant**: after [#close] the hidden file is there only when [#finish] brought all of it to
/// the disk.
final class PartFile extends OutputStream {
    private final Path file;
    private final String finalName;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private long written;
    private boolean finished;

    PartFile(Path file, String finalName) throws IOException {
        this.file = file;
        this.finalName = finalName;
        try {
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(file, e);
        }
    }

    @Override
    public void write(int value) throws IOException {
        if (!buffer.hasRemaining()) {
            drain();
        }
        buffer.put((byte) value);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        int at = from;
        int end = from + length;
        while (at < end) {
            if (!buffer.hasRemaining()) {
                drain();
            }
            int count = Math.min(end - at, buffer.remaining());
            buffer.put(bytes, at, count);
            at += count;
        }
    }

    private void drain() throws IOException {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                written += channel.write(buffer);
            }
        } catch (IOException e) {
            throw explain(e);
        } finally {
            buffer.clear();
        }
    }

    private IOException explain(IOException cause) {
        return FileAccessException.isDiskFull(cause)
                ? FileAccessException.diskFull(file, written, cause)
                : FileAccessException.cannotWrite(file, cause);
    }

    /// Brings everything to the disk.
    ///
    /// @return the name under which the file becomes visible
    String finish() throws IOException {
        drain();
        try {
            channel.force(true);
        } catch (IOException e) {
            throw explain(e);
        }
        finished = true;
        return finalName;
    }

    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw explain(e);
        } finally {
            if (!finished) {
                Files.deleteIfExists(file);
            }
        }
    }
}
