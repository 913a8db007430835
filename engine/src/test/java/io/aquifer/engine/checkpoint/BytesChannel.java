package io.aquifer.engine.checkpoint;

import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/// Reads an array.
final class BytesChannel implements SeekableByteChannel {
    private final ByteBuffer bytes;
    private boolean open = true;

    BytesChannel(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    @Override
    public int read(ByteBuffer target) {
        int length = Math.min(target.remaining(), bytes.remaining());
        if (length == 0) {
            return bytes.hasRemaining() ? 0 : -1;
        }
        target.put(bytes.slice(bytes.position(), length));
        bytes.position(bytes.position() + length);
        return length;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public long position() {
        return bytes.position();
    }

    @Override
    public SeekableByteChannel position(long position) {
        bytes.position(Math.toIntExact(position));
        return this;
    }

    @Override
    public long size() {
        return bytes.capacity();
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
