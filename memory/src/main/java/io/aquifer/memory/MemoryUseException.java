package io.aquifer.memory;

/// A lease, scope or pool used against its contract: a bug in the caller. Nothing was changed.
public final class MemoryUseException extends MemoryException {
    private static final long serialVersionUID = 1L;

    private MemoryUseException(String message) {
        super(message);
    }

    static MemoryUseException leaseClosed(String owner, boolean byScope) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' is closed"
                        + (byScope ? ": its scope ended and took back everything it held" : "")
                        + ". Nothing was changed. Take a new lease from an open scope.");
    }

    static MemoryUseException scopeClosed(String owner) {
        return new MemoryUseException(
                "scope '"
                        + owner
                        + "' is closed, so it gives no more leases. Open a new scope for a new"
                        + " attempt.");
    }

    static MemoryUseException managerClosed() {
        return new MemoryUseException("the memory manager is closed. Create a new one.");
    }

    /// @param verb what was tried: `release` or `show`
    static MemoryUseException notAPage(String owner, String verb, long address) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' cannot "
                        + verb
                        + " address 0x"
                        + Long.toHexString(address)
                        + ": no page starts there. Nothing was changed.");
    }

    static MemoryUseException pageNotHeld(String owner, String verb, long address) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' cannot "
                        + verb
                        + " the page at 0x"
                        + Long.toHexString(address)
                        + ": nobody holds it, it was already released. Nothing was changed. Look"
                        + " for the same page released twice.");
    }

    static MemoryUseException pageOfAnother(
            String owner, String verb, long address, String holder) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' cannot "
                        + verb
                        + " the page at 0x"
                        + Long.toHexString(address)
                        + ": it is held by '"
                        + holder
                        + "'. Nothing was changed. A page goes back to the lease it came from.");
    }

    static MemoryUseException releaseBeyondHeld(String owner, long bytes, long held) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' cannot release "
                        + bytes
                        + " bytes: it holds "
                        + held
                        + ". Nothing was changed. Look for the same bytes released twice.");
    }

    static MemoryUseException writtenSinceRelease(long address) {
        return new MemoryUseException(
                "somebody wrote to address 0x"
                        + Long.toHexString(address)
                        + " after its page was released. Run the same with"
                        + " -Daquifer.memory.guard=true: the late access itself throws then.");
    }

    static MemoryUseException pageCount(String owner, int count) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' was asked for "
                        + count
                        + " pages; ask for at least 1. Nothing was changed.");
    }

    static MemoryUseException negativeBytes(String owner, long bytes) {
        return new MemoryUseException(
                "lease '"
                        + owner
                        + "' was asked for "
                        + bytes
                        + " bytes; a size cannot be negative. Nothing was changed.");
    }

    static MemoryUseException poolHasNoPages(String pool, String owner) {
        return new MemoryUseException(
                "pool '"
                        + pool
                        + "' counts bytes inside the Java heap and has no pages for '"
                        + owner
                        + "'. Use leaseBytes, or lease pages from 'managed' or 'network'.");
    }

    static MemoryUseException foreignPool(String pool, String owner) {
        return new MemoryUseException(
                "pool '"
                        + pool
                        + "' belongs to another memory manager than scope '"
                        + owner
                        + "'. Lease from the manager that opened the scope.");
    }
}
