package io.aquifer.benchmarks.memory;

import io.aquifer.memory.kernel.PageAccess;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Pages on their way to the disk: each call writes and waits until the disk has them
/// (`fdatasync`). Used by one thread at a time.
final class SpillFile implements AutoCloseable {
    private static final int CHUNK_PAGES = 32;

    private final Path path;
    private final FileChannel channel;
    private final byte[] page = new byte[Budgets.PAGE_BYTES];
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_PAGES * Budgets.PAGE_BYTES);
    private long written;
    private long nanos;

    private SpillFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static SpillFile create(Path directory) throws IOException {
        Path path = Files.createTempFile(directory, "spill", ".pages");
        return new SpillFile(path, FileChannel.open(path, StandardOpenOption.WRITE));
    }

    /// Writes `count` pages from `first` on.
    void write(long[] pages, int first, int count) {
        long start = System.nanoTime();
        try {
            for (int i = 0; i < count; i++) {
                PageAccess.copy(pages[first + i], page, 0, page.length);
                chunk.put(page);
                if (!chunk.hasRemaining() || i == count - 1) {
                    chunk.flip();
                    while (chunk.hasRemaining()) {
                        channel.write(chunk);
                    }
                    chunk.clear();
                }
            }
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        written += (long) count * Budgets.PAGE_BYTES;
        nanos += System.nanoTime() - start;
    }

    long writtenBytes() {
        return written;
    }

    /// How long the calls took together.
    long nanos() {
        return nanos;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.delete(path);
    }
}
