package io.aquifer.connectors.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/// The file a writer writes to, buffered, under its hidden name.
///
/// **Invariant**: after [#close] the hidden file is there only when [#finish] handed all of it to
/// the system; the disk has it when [Disk#force] says so.
final class PartFile extends OutputStream {
    private final Disk disk;
    private final Path file;
    private final WritableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private long written;
    private boolean ended;

    PartFile(Disk disk, Path file) throws IOException {
        this.disk = disk;
        this.file = file;
        try {
            channel = disk.create(file);
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

    /// Hands everything to the system, without waiting for the disk; nothing is written afterwards.
    void finish() throws IOException {
        drain();
        try {
            channel.close();
        } catch (IOException e) {
            throw explain(e);
        }
        ended = true;
    }

    @Override
    public void close() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw explain(e);
        } finally {
            remove();
        }
    }

    private void remove() throws IOException {
        try {
            disk.delete(file);
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(file, e);
        }
    }
}
