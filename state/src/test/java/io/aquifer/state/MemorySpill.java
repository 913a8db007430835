package io.aquifer.state;

import io.aquifer.state.spill.SpillDirectory;
import io.aquifer.state.spill.SpillFile;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Spill files in arrays, with a switch that fails the n-th call of the disk, once or from then on.
final class MemorySpill implements SpillDirectory {
    final List<MemoryFile> open = new ArrayList<>();
    long calls;
    long bytesWritten;
    private long failFrom = Long.MAX_VALUE;
    private long failTo = Long.MAX_VALUE;
    boolean failed;

    /// Fails the n-th call from now on.
    void fail(long nth) {
        failFrom = calls + nth;
        failTo = failFrom;
        failed = false;
    }

    /// Fails every call from now on.
    void failAlways() {
        failFrom = 0;
        failTo = Long.MAX_VALUE;
    }

    void failNothing() {
        failFrom = Long.MAX_VALUE;
    }

    private void call() throws IOException {
        calls++;
        if (calls >= failFrom && calls <= failTo) {
            failed = true;
            throw new IOException("No space left on device");
        }
    }

    @Override
    public SpillFile create() throws IOException {
        call();
        MemoryFile file = new MemoryFile();
        open.add(file);
        return file;
    }

    @Override
    public String toString() {
        return "/spill";
    }

    final class MemoryFile implements SpillFile {
        byte[] bytes = new byte[1024];
        private int length;

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            int count = from.remaining();
            bytesWritten += count;
            int end = (int) position + count;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
            }
            try {
                call();
            } catch (IOException refused) {
                // What a failed write leaves is anything: here half of it, and rubbish behind.
                from.get(bytes, (int) position, count / 2);
                Arrays.fill(bytes, (int) position + count / 2, end, (byte) 0x5A);
                length = Math.max(length, end);
                throw refused;
            }
            from.get(bytes, (int) position, count);
            length = Math.max(length, end);
        }

        @Override
        public void read(ByteBuffer to, long position) throws IOException {
            call();
            if (position + to.remaining() > length) {
                throw new EOFException("the file ends at byte " + length);
            }
            to.put(bytes, (int) position, to.remaining());
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }
}
