package io.aquifer.state.file;

import io.aquifer.state.file.layout.Input;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/// Reads ranges of a file into byte arrays, all of a range or an exception.
final class FileInput implements Input {
    /// As in [FileOutput].
    private static final int PART_MAX = 256 * 1024;

    private final SeekableByteChannel channel;
    private final String name;
    private final long length;

    FileInput(SeekableByteChannel channel, String name) throws IOException {
        this.channel = channel;
        this.name = name;
        this.length = channel.size();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(long offset, byte[] to, int at, int count) throws IOException {
        channel.position(offset);
        for (int done = 0; done < count; ) {
            int part = Math.min(count - done, PART_MAX);
            int read = channel.read(ByteBuffer.wrap(to, at + done, part));
            if (read <= 0) {
                throw CorruptStateFileException.damaged(
                        name,
                        offset + done,
                        "the file had %,d bytes when it was opened and ends here now"
                                .formatted(length));
            }
            done += read;
        }
    }

    void close() throws IOException {
        channel.close();
    }
}
