package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;

/// A state file of a [CheckpointDraft]. Who writes it does not wait for the disk; who completes the
/// checkpoint does, by the same descriptor, so that no failure to write is overlooked. Once
/// discarded it takes everything and keeps nothing, so that who still writes need not know.
///
/// **Threads.** One writes and closes; any may force or discard. All under the file's own monitor.
final class DraftFile implements WritableByteChannel {
    private final String path;
    private Disk.@Nullable WritableFile file;
    private boolean open = true;
    private boolean durable;
    private long bytes;
    private @Nullable IOException failure;

    /// @param path as manifests name it
    /// @param file null when it is discarded from the beginning
    DraftFile(String path, Disk.@Nullable WritableFile file) {
        this.path = path;
        this.file = file;
    }

    @Override
    public synchronized int write(ByteBuffer source) throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        int length = source.remaining();
        if (file == null) {
            source.position(source.limit());
            return length;
        }
        try {
            int written = file.write(source);
            bytes += written;
            return written;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void close() {
        open = false;
    }

    private IOException failed(IOException e) {
        failure = e;
        return e instanceof ClosedChannelException
                ? e
                : new IOException("cannot write " + path + ": " + Reasons.of(e), e);
    }

    @SuppressWarnings("EmptyCatch") // what is discarded may be lost in any way
    synchronized void discard() {
        Disk.WritableFile closing = file;
        file = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException e) {
                // nobody will read it
            }
        }
    }

    String path() {
        return path;
    }

    /// Returns when the file is on the disk.
    ///
    /// @param expectedBytes what a manifest says of this file
    /// @throws IllegalStateException when it is still being written or the manifest is wrong
    /// @throws IOException when it could not be written, or was discarded
    synchronized void force(long expectedBytes) throws IOException {
        if (failure != null) {
            throw failed(failure);
        }
        if (open) {
            throw new IllegalStateException(path + " is still being written");
        }
        if (bytes != expectedBytes) {
            throw new IllegalStateException(
                    path + " has " + bytes + " bytes, but the manifest says " + expectedBytes);
        }
        if (durable) {
            return;
        }
        Disk.WritableFile closing = file;
        if (closing == null) {
            throw new IOException(path + " was given up");
        }
        file = null;
        try (closing) {
            closing.force();
        } catch (IOException e) {
            throw failed(e);
        }
        durable = true;
    }
}
