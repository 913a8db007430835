package io.aquifer.state.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Writes byte arrays to a channel, all of them or an exception.
///
/// A channel copies what lies on the heap through memory of its own that it keeps: so it is given
/// little at a time.
final class FileOutput {
    private static final int PART_MAX = 256 * 1024;

    private final WritableByteChannel channel;
    private long length;
    private boolean failed;

    FileOutput(WritableByteChannel channel) {
        this.channel = channel;
    }

    /// How many bytes were written.
    long length() {
        return length;
    }

    /// Whether the file cannot become complete any more.
    boolean failed() {
        return failed;
    }

    /// Gives the file up; the exception says why.
    IOException fail(String message) {
        failed = true;
        return new IOException(message);
    }

    void write(byte[] bytes, int offset, int count) throws IOException {
        failed = true;
        for (int done = 0; done < count; ) {
            int part = Math.min(count - done, PART_MAX);
            writePart(ByteBuffer.wrap(bytes, offset + done, part));
            done += part;
        }
        failed = false;
    }

    private void writePart(ByteBuffer part) throws IOException {
        while (part.hasRemaining()) {
            int written = channel.write(part);
            if (written <= 0) {
                throw new IOException(
                        "cannot write a state file: its channel takes nothing at byte %,d and does"
                                        .formatted(length)
                                + " not say why");
            }
            length += written;
        }
    }

    void close() throws IOException {
        channel.close();
    }
}
