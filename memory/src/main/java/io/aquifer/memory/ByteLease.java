package io.aquifer.memory;

/// Bytes of one pool's budget held by one owner, who gets the memory itself from elsewhere.
///
/// For objects in the Java heap, buffers of libraries and mapped files: the lease is the promise
/// that they are counted. A refused reservation changes nothing; releasing more than is held throws
/// [MemoryUseException] and changes nothing.
///
/// | Call          | Waits                               | When there is no room             |
/// |---------------|-------------------------------------|-----------------------------------|
/// | [#tryReserve] | no                                  | returns false, changes nothing    |
/// | [#reserve]    | while others are asked to give back | throws [MemoryExhaustedException] |
///
/// **Threads.** Any thread. A reservation takes the ledger's lock, so reserve in steps of many
/// records.
public final class ByteLease extends Lease implements AutoCloseable {
    /// Guarded by the ledger's lock.
    long bytes;

    ByteLease(MemoryScope scope, MemoryPool pool, String name, Retention retention) {
        super(scope, pool, name, retention);
    }

    /// Who holds it: the scope's owner, ` / ` and the lease's name.
    public String owner() {
        return pool.ledger().read(this::ownerText);
    }

    /// Holds `moreBytes` more.
    ///
    /// @throws MemoryExhaustedException if there is no room and nobody gives any back in time
    public void reserve(long moreBytes) {
        pool.ledger().requests().reserve(this, moreBytes, true);
    }

    /// Holds `moreBytes` more if there is room, and says whether it does.
    public boolean tryReserve(long moreBytes) {
        return pool.ledger().requests().reserve(this, moreBytes, false);
    }

    /// Holds `fewerBytes` fewer.
    ///
    /// @throws MemoryUseException if it does not hold that many
    public void release(long fewerBytes) {
        pool.ledger().requests().release(this, fewerBytes);
    }

    public long heldBytes() {
        return pool.ledger().readLong(this::held);
    }

    /// Gives all bytes back and ends the lease. Closing again does nothing.
    @Override
    public void close() {
        pool.ledger().closeLease(this);
    }

    @Override
    long held() {
        return bytes;
    }

    @Override
    long granted() {
        return bytes;
    }

    @Override
    Leak.Kind kind() {
        return Leak.Kind.BYTES;
    }
}
