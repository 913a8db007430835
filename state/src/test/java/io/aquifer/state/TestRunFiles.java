package io.aquifer.state;

import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.RunFiles;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/// Files of runs in arrays, with a switch that fails the n-th call of the disk, once or from then
/// on.
final class TestRunFiles implements RunFiles {
    final Set<MemoryFile> open = new HashSet<>();
    long calls;
    long bytesWritten;
    boolean failed;
    private long failFrom = Long.MAX_VALUE;
    private long failTo = Long.MAX_VALUE;

    /// Fails the n-th call from now on.
    synchronized void fail(long nth) {
        failFrom = calls + nth;
        failTo = failFrom;
        failed = false;
    }

    synchronized void failAlways() {
        failFrom = 0;
        failTo = Long.MAX_VALUE;
    }

    synchronized void failNothing() {
        failFrom = Long.MAX_VALUE;
    }

    private synchronized void call() throws IOException {
        calls++;
        if (calls >= failFrom && calls <= failTo) {
            failed = true;
            throw new IOException("No space left on device");
        }
    }

    @Override
    public RunFile create() throws IOException {
        call();
        MemoryFile file = new MemoryFile();
        synchronized (this) {
            open.add(file);
        }
        return file;
    }

    @Override
    public RunFile linkOrCopyFrom(Path existing) {
        throw new UnsupportedOperationException("not in these tests");
    }

    @Override
    public String toString() {
        return "/spill";
    }

    final class MemoryFile implements RunFile {
        private byte[] bytes = new byte[0];
        private int length;
        private int holders = 1;

        @Override
        public String name() {
            return "/spill/run";
        }

        @Override
        public synchronized long length() {
            return length;
        }

        @Override
        public synchronized int write(ByteBuffer from, long position) throws IOException {
            call();
            int count = from.remaining();
            int end = (int) position + count;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
            }
            from.get(bytes, (int) position, count);
            length = Math.max(length, end);
            bytesWritten += count;
            return count;
        }

        @Override
        public synchronized int read(ByteBuffer to, long position) throws IOException {
            call();
            if (position >= length) {
                return -1;
            }
            int count = (int) Math.min(to.remaining(), length - position);
            to.put(bytes, (int) position, count);
            return count;
        }

        @Override
        public void linkOrCopyTo(Path target) {
            throw new UnsupportedOperationException("not in these tests");
        }

        @Override
        public synchronized void retain() {
            if (holders == 0) {
                throw new IllegalStateException("nobody holds the file any more");
            }
            holders++;
        }

        @Override
        public void release() {
            synchronized (this) {
                if (holders == 0) {
                    throw new IllegalStateException("nobody holds the file any more");
                }
                if (--holders > 0) {
                    return;
                }
            }
            synchronized (TestRunFiles.this) {
                open.remove(this);
            }
        }
    }
}
