package io.aquifer.memory;

/// Bytes of one pool's budget held by one owner, who gets the memory itself from elsewhere.
///
/// For objects in the Java heap and for buffers of libraries: the lease is the promise that they
/// are counted. A refused reservation changes nothing; releasing more than is held throws
/// [MemoryUseException] and changes nothing. Nothing here waits.
///
/// **Threads.** Any thread. A reservation takes the ledger's lock, so reserve in steps of many
/// records.
public final class ByteLease extends Lease implements AutoCloseable {
    long bytes;

    ByteLease(MemoryScope scope, MemoryPool pool, String name) {
        super(scope, pool, name);
    }

    /// Who holds it: the scope's owner, ` / ` and the lease's name.
    public String owner() {
        return owner;
    }

    /// Holds `moreBytes` more.
    ///
    /// @throws MemoryExhaustedException if neither the pool nor what it may borrow has room
    public void reserve(long moreBytes) {
        pool.ledger().reserve(this, moreBytes, true);
    }

    /// Holds `moreBytes` more if there is room, and says whether it does.
    public boolean tryReserve(long moreBytes) {
        return pool.ledger().reserve(this, moreBytes, false);
    }

    /// Holds `fewerBytes` fewer.
    ///
    /// @throws MemoryUseException if it does not hold that many
    public void release(long fewerBytes) {
        pool.ledger().release(this, fewerBytes);
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
    Leak.Kind kind() {
        return Leak.Kind.BYTES;
    }
}
