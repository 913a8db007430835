package io.aquifer.engine.checkpoint;

import io.aquifer.state.run.RunFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Bytes as a run that somebody else holds.
record ContentRun(byte[] content) implements RunFile {
    @Override
    public String name() {
        return "run of " + content.length + " bytes";
    }

    @Override
    public long length() {
        return content.length;
    }

    @Override
    public int write(ByteBuffer from, long position) {
        throw new UnsupportedOperationException("the run is complete");
    }

    @Override
    public int read(ByteBuffer to, long position) {
        int count = Math.min(to.remaining(), content.length - (int) position);
        to.put(content, (int) position, count);
        return count;
    }

    @Override
    public void linkOrCopyTo(Path target) {
        throw new UnsupportedOperationException("the disk of the test copies");
    }

    @Override
    public void retain() {}

    @Override
    public void release() {}
}
