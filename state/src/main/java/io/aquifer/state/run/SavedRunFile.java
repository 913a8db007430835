package io.aquifer.state.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;

/// A file of a checkpoint as a [RunFile]: read, never written, and left where it is by the last
/// release.
///
/// A thread that is interrupted while it reads closes the channel for all others: `java.nio` does
/// so. The others open the file again.
///
/// **Threads.** Any; where the channel is none of `java.nio`'s files, one reads at a time.
public final class SavedRunFile implements RunFile {
    private final String name;
    private final Opener opener;
    private final Holds holds;
    private volatile SeekableByteChannel channel;

    private SavedRunFile(String name, Opener opener) throws IOException {
        this.name = name;
        this.opener = opener;
        this.holds = new Holds("run file '" + name + "'");
        this.channel = opener.open();
    }

    /// Opens the file.
    @FunctionalInterface
    public interface Opener {
        SeekableByteChannel open() throws IOException;
    }

    /// @param name as messages show it
    /// @param opener called at once, and again when the channel was closed by an interrupt
    public static SavedRunFile open(String name, Opener opener) throws IOException {
        return new SavedRunFile(name, opener);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long length() throws IOException {
        return channel.size();
    }

    @Override
    public int write(ByteBuffer from, long position) {
        throw new UnsupportedOperationException("a file of a checkpoint does not change: " + name);
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        SeekableByteChannel current = channel;
        try {
            return readPart(current, to, position);
        } catch (ClosedByInterruptException interrupted) {
            throw interrupted;
        } catch (ClosedChannelException byAnother) {
            return readPart(reopened(current, byAnother), to, position);
        }
    }

    private int readPart(SeekableByteChannel from, ByteBuffer to, long position)
            throws IOException {
        if (from instanceof FileChannel file) {
            return file.read(to, position);
        }
        synchronized (this) {
            return from.position(position).read(to);
        }
    }

    private synchronized SeekableByteChannel reopened(
            SeekableByteChannel closed, ClosedChannelException why) throws IOException {
        if (!holds.isHeld()) {
            throw why;
        }
        if (channel == closed) {
            channel = opener.open();
        }
        return channel;
    }

    @Override
    public void linkOrCopyTo(Path target) {
        throw new UnsupportedOperationException(
                "a file of a checkpoint is named where it is, not again: " + name);
    }

    @Override
    public void retain() {
        holds.add();
    }

    @Override
    public void release() {
        if (holds.drop()) {
            close();
        }
    }

    @SuppressWarnings("EmptyCatch") // only read; nothing is lost
    private synchronized void close() {
        try {
            channel.close();
        } catch (IOException ignored) {
            // said above
        }
    }
}
