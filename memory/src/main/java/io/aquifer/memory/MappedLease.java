package io.aquifer.memory;

import io.aquifer.memory.space.MappedFile;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;

/// A finished file that is read through mapped windows, each charged while it is mapped: memory of
/// the type [MemoryType#MAPPED].
///
/// **Invariant**: what is charged is at least what is mapped. When the pool has no room for another
/// window, the one that was mapped first makes way; one window must fit.
///
/// Nobody may change the file meanwhile; a file that has another size is noticed and named.
///
/// | Call    | Waits                                              | When it cannot                        |
/// |---------|----------------------------------------------------|---------------------------------------|
/// | [#read] | for the disk; for memory, if not one window fits   | throws [MemoryExhaustedException], or an `IOException` that names the file |
///
/// **Threads.** One at a time. [#close] before the scope ends, or the scope takes the charge back
/// and [#read] throws.
public final class MappedLease implements AutoCloseable {
    private final ByteLease lease;
    private final MappedFile file;
    private final long windowBytes;
    private final ArrayDeque<Integer> mapped = new ArrayDeque<>();

    MappedLease(ByteLease lease, MappedFile file, long windowBytes) {
        this.lease = lease;
        this.file = file;
        this.windowBytes = windowBytes;
    }

    /// The length of the file in bytes.
    public long sizeBytes() {
        return file.sizeBytes();
    }

    /// Copies bytes of the file.
    ///
    /// @param offset in the file
    /// @throws IndexOutOfBoundsException if the range leaves the file or the array
    /// @throws IOException if the file cannot be read, or has changed; names it
    public void read(long offset, byte[] to, int toOffset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, (long) length, file.sizeBytes());
        Objects.checkFromIndexSize(toOffset, length, to.length);
        int done = 0;
        while (done < length) {
            int index = (int) ((offset + done) / windowBytes);
            long left = file.windowBytes(index) - (offset + done) % windowBytes;
            int count = (int) Math.min(length - done, left);
            charge(index);
            file.read(offset + done, to, toOffset + done, count);
            done += count;
        }
    }

    private void charge(int index) {
        lease.pool.ledger().run(lease::requireOpen);
        if (mapped.contains(index)) {
            return;
        }
        long bytes = file.windowBytes(index);
        while (!lease.tryReserve(bytes)) {
            if (mapped.isEmpty()) {
                lease.reserve(bytes);
                break;
            }
            int first = mapped.remove();
            file.unmap(first);
            lease.release(file.windowBytes(first));
        }
        mapped.add(index);
    }

    /// What is charged, in bytes.
    public long heldBytes() {
        return lease.heldBytes();
    }

    /// Unmaps all and gives the charge back. Closing again does nothing.
    @Override
    public void close() throws IOException {
        try (lease) {
            file.close();
            mapped.clear();
        }
    }
}
