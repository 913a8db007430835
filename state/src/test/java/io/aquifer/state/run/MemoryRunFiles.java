package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Run files in arrays, on a disk with flaws: calls that fail, read or write only a part, or say
/// that they wrote what they did not.
final class MemoryRunFiles implements RunFiles, AutoCloseable {
    final Map<String, MemoryFile> held = new LinkedHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicLong calls = new AtomicLong();
    private volatile long failAt = Long.MAX_VALUE;
    private volatile String failure = "Input/output error";
    private volatile boolean failed;
    private volatile int partMax = Integer.MAX_VALUE;
    private volatile long lieAt = Long.MAX_VALUE;
    private volatile Lie lie = Lie.FORGET;

    /// What a disk does to a write that it reports as done.
    enum Lie {
        /// Nothing: what was there before stays, zeros where there was nothing.
        FORGET,
        /// Only the first half comes about.
        TEAR,
        /// All of it, at the next sector of 512 bytes.
        MISDIRECT,
        /// All of it, with the sectors of 512 bytes in another order.
        REORDER
    }

    /// Fails the n-th call from now on.
    void fail(long nth, String message) {
        failed = false;
        failure = message;
        failAt = calls.get() + nth;
    }

    void failNothing() {
        failAt = Long.MAX_VALUE;
    }

    boolean failed() {
        return failed;
    }

    /// Reads and writes at most so many bytes at a time.
    void partMax(int bytes) {
        partMax = bytes;
    }

    /// Lies about the n-th call from now on, if it is a write.
    void lie(long nth, Lie what) {
        lie = what;
        lieAt = calls.get() + nth;
    }

    long calls() {
        return calls.get();
    }

    private boolean call() throws IOException {
        long call = calls.incrementAndGet();
        if (call == failAt) {
            failed = true;
            throw new IOException(failure);
        }
        return call == lieAt;
    }

    @Override
    public RunFile create() throws IOException {
        call();
        return add(new byte[0]);
    }

    MemoryFile add(byte[] content) {
        MemoryFile file = new MemoryFile("run-" + numbers.incrementAndGet(), content);
        synchronized (held) {
            held.put(file.name, file);
        }
        return file;
    }

    @Override
    public RunFile linkOrCopyFrom(Path existing) throws IOException {
        call();
        return add(Files.readAllBytes(existing));
    }

    /// Asserts that nobody holds a file.
    @Override
    public void close() {
        assertThat(held.keySet()).as("files held after the end").isEmpty();
    }

    @Override
    public String toString() {
        return "/runs";
    }

    final class MemoryFile implements RunFile {
        private final String name;
        private final Holds holds;
        private byte[] bytes;
        private int length;

        MemoryFile(String name, byte[] content) {
            this.name = name;
            this.holds = new Holds("file " + name);
            this.bytes = content;
            this.length = content.length;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long length() throws IOException {
            call();
            return length;
        }

        byte[] content() {
            return Arrays.copyOf(bytes, length);
        }

        /// Changes what is on the disk behind everybody's back.
        void content(byte[] changed) {
            bytes = changed;
            length = changed.length;
        }

        @Override
        public synchronized int write(ByteBuffer from, long position) throws IOException {
            int count = Math.min(from.remaining(), partMax);
            int at = (int) position;
            assertThat(at).as("written from front to back").isLessThanOrEqualTo(length);
            byte[] part = new byte[count];
            from.get(part);
            reserve(at + count);
            boolean lies;
            try {
                lies = call();
            } catch (IOException refused) {
                // What a failed write leaves is anything.
                Arrays.fill(bytes, at, at + count / 2, (byte) 0x5A);
                length = Math.max(length, at + count / 2);
                throw refused;
            }
            length = Math.max(length, at + count);
            if (lies) {
                pretend(part, at);
            } else {
                System.arraycopy(part, 0, bytes, at, count);
            }
            return count;
        }

        private void pretend(byte[] part, int at) {
            int count = part.length;
            switch (lie) {
                case FORGET -> {}
                case TEAR -> System.arraycopy(part, 0, bytes, at, count / 2);
                case MISDIRECT -> {
                    reserve(at + count + 512);
                    System.arraycopy(part, 0, bytes, at + 512, count);
                }
                case REORDER -> {
                    for (int i = 0; i < count; i += 512) {
                        int sector = Math.min(512, count - i);
                        System.arraycopy(part, i, bytes, at + count - i - sector, sector);
                    }
                }
            }
        }

        private void reserve(int wanted) {
            if (wanted > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(wanted, bytes.length * 2));
            }
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            if (!holds.isHeld()) {
                throw new AssertionError(name + " is read after its last release");
            }
            call();
            if (position >= length) {
                return -1;
            }
            int count = Math.min(to.remaining(), Math.min(partMax, length - (int) position));
            to.put(bytes, (int) position, count);
            return count;
        }

        @Override
        public void linkOrCopyTo(Path target) throws IOException {
            call();
            Files.write(target, content());
        }

        @Override
        public void retain() {
            holds.add();
        }

        @Override
        public void release() {
            if (holds.drop()) {
                synchronized (held) {
                    held.remove(name);
                }
            }
        }
    }
}
