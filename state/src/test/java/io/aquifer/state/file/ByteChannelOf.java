package io.aquifer.state.file;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/// A file that is an array, read a few bytes at a time.
final class ByteChannelOf implements SeekableByteChannel {
    private static final int READ_MAX = 50_000;

    private byte[] bytes;
    private int position;
    private boolean open = true;

    ByteChannelOf(byte[] bytes) {
        this.bytes = bytes;
    }

    void cutAt(int length) {
        bytes = Arrays.copyOf(bytes, length);
    }

    @Override
    public int read(ByteBuffer to) throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
        if (position >= bytes.length) {
            return -1;
        }
        int count = Math.min(Math.min(to.remaining(), READ_MAX), bytes.length - position);
        to.put(bytes, position, count);
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = Math.toIntExact(newPosition);
        return this;
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
