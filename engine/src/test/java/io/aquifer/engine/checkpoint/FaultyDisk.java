package io.aquifer.engine.checkpoint;

import io.aquifer.state.run.RunFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A disk that refuses at a chosen operation, and then either works again or refuses for ever, as
/// for a process that was killed there. A write that is refused wrote the first half.
final class FaultyDisk implements Disk {
    static final String REFUSAL = "No space left on device";

    private final Disk disk;
    private final List<Lock> taken = new ArrayList<>();
    private int operations;
    private int refuseAt = -1;
    private boolean forEver;
    private boolean refused;

    FaultyDisk(Disk disk) {
        this.disk = disk;
    }

    /// @param n how many operations succeed before
    FaultyDisk crashAfter(int n) {
        refuseAt = operations + n;
        forEver = true;
        refused = false;
        return this;
    }

    FaultyDisk failOnceAfter(int n) {
        refuseAt = operations + n;
        forEver = false;
        refused = false;
        return this;
    }

    FaultyDisk works() {
        refuseAt = -1;
        refused = false;
        return this;
    }

    int operations() {
        return operations;
    }

    boolean refused() {
        return refused;
    }

    /// Releases what the process held, as its end does.
    void endProcess() {
        taken.forEach(Lock::release);
        taken.clear();
    }

    private boolean refuses() {
        boolean now = operations == refuseAt;
        operations++;
        boolean refuses = now || (refused && forEver);
        refused |= now;
        return refuses;
    }

    private Disk next() throws IOException {
        if (refuses()) {
            throw new IOException(REFUSAL);
        }
        return disk;
    }

    @Override
    public Path realPath(Path path) throws IOException {
        return next().realPath(path);
    }

    @Override
    public Kind kind(Path path) throws IOException {
        return next().kind(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return next().list(directory);
    }

    @Override
    public long size(Path file) throws IOException {
        return next().size(file);
    }

    @Override
    public byte[] read(Path file, int maxBytes) throws IOException {
        return next().read(file, maxBytes);
    }

    @Override
    public SeekableByteChannel openToRead(Path file) throws IOException {
        return next().openToRead(file);
    }

    @Override
    public WritableFile create(Path file) throws IOException {
        return new FaultyFile(next().create(file));
    }

    @Override
    public void createFrom(RunFile source, Path file) throws IOException {
        next().createFrom(source, file);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        next().createDirectory(directory);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        next().forceDirectory(directory);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        next().move(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        next().delete(path);
    }

    @Override
    public Lock lock(Path file, LockHolder me) throws IOException {
        Lock lock = next().lock(file, me);
        taken.add(lock);
        return new Lock() {
            @Override
            public boolean intact() throws IOException {
                next();
                return lock.intact();
            }

            @Override
            public void release() {
                if (!refused || !forEver) {
                    lock.release();
                }
            }
        };
    }

    @Override
    public @Nullable LockHolder holder(Path file) throws IOException {
        return next().holder(file);
    }

    private final class FaultyFile implements WritableFile {
        private final WritableFile file;

        FaultyFile(WritableFile file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (!refuses()) {
                return file.write(source);
            }
            if (operations - 1 == refuseAt) {
                file.write(source.slice(source.position(), source.remaining() / 2));
            }
            throw new IOException(REFUSAL);
        }

        @Override
        public void force() throws IOException {
            next();
            file.force();
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
