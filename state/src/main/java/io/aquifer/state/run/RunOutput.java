package io.aquifer.state.run;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Gathers what goes to a run's file in one buffer and writes it in large pieces, in order.
final class RunOutput {
    /// Past the end of what is used, so that words may be written that reach over it.
    static final int SLACK = Long.BYTES;

    private final RunFile file;
    final byte[] buffer;
    private final int capacity;

    /// Where the next byte goes in `buffer`.
    int position;

    private long written;
    private boolean failed;

    RunOutput(RunFile file, int capacity) {
        this.file = file;
        this.capacity = capacity;
        this.buffer = new byte[capacity + SLACK];
    }

    String name() {
        return file.name();
    }

    /// Whether the file cannot become complete any more.
    boolean failed() {
        return failed;
    }

    void fail() {
        failed = true;
    }

    /// Where in the file the next byte goes.
    long offset() {
        return written + position;
    }

    /// Makes room for `count` bytes that stay together until the next call.
    ///
    /// @param count at most the capacity
    void room(int count) throws IOException {
        if (capacity - position < count) {
            flush();
        }
    }

    /// As [#room], if that many bytes fit the buffer at all.
    void roomIfItFits(long count) throws IOException {
        if (count <= capacity) {
            room((int) count);
        }
    }

    /// Bytes the buffer has room for, at least one.
    int freeBytes() throws IOException {
        room(1);
        return capacity - position;
    }

    /// Adds bytes, any number.
    void write(byte[] bytes, int offset, int count) throws IOException {
        if (count <= capacity - position) {
            System.arraycopy(bytes, offset, buffer, position, count);
            position += count;
            return;
        }
        flush();
        if (count <= capacity) {
            System.arraycopy(bytes, offset, buffer, 0, count);
            position = count;
        } else {
            write(bytes, offset, count, written);
            written += count;
        }
    }

    void flush() throws IOException {
        if (position > 0) {
            write(buffer, 0, position, written);
            written += position;
            position = 0;
        }
    }

    /// Changes bytes that were added before.
    void patch(long offset, byte[] bytes, int from, int count) throws IOException {
        if (offset >= written) {
            System.arraycopy(bytes, from, buffer, (int) (offset - written), count);
        } else {
            write(bytes, from, count, offset);
        }
    }

    private void write(byte[] bytes, int from, int count, long offset) throws IOException {
        failed = true;
        ByteBuffer rest = ByteBuffer.wrap(bytes, from, count);
        try {
            for (int done = 0; done < count; ) {
                int part = file.write(rest, offset + done);
                if (part <= 0) {
                    throw new IOException("the file takes nothing and does not say why");
                }
                done += part;
            }
        } catch (IOException refused) {
            throw new IOException(
                    "cannot write %,d bytes at byte %,d of run '%s': %s. Make room there, or name another directory with --spill-dir or -Daquifer.spill.dir=DIR."
                            .formatted(count, offset, file.name(), RunInput.text(refused)),
                    refused);
        }
        failed = false;
    }
}
