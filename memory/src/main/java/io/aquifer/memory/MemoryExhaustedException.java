package io.aquifer.memory;

/// A request that found no room in its pool, nor in what the pool may borrow; the ledger is as
/// before.
///
/// The message names the requester, the state of the pool, the largest holders and what to raise.
public final class MemoryExhaustedException extends MemoryException {
    private static final long serialVersionUID = 1L;
    private final String owner;
    private final long requestedBytes;

    private MemoryExhaustedException(String owner, long requestedBytes, String message) {
        super(message);
        this.owner = owner;
        this.requestedBytes = requestedBytes;
    }

    /// Who asked, such as `flights / windows (1/2) / cells`.
    public String owner() {
        return owner;
    }

    /// How much was asked for, in bytes.
    public long requestedBytes() {
        return requestedBytes;
    }

    /// The budget is spent. `what` is the request in its own unit, such as `1 page (32.0 KiB)`.
    static MemoryExhaustedException poolFull(
            String what, String owner, long requestedBytes, MemoryPool pool, MemoryStatistics now) {
        PoolStatistics state = now.pool(pool.name());
        long missing = requestedBytes - state.freeBytes();
        StringBuilder text = new StringBuilder(400);
        text.append("cannot allocate ")
                .append(what)
                .append(" for '")
                .append(owner)
                .append("': pool '")
                .append(pool.name())
                .append("' has ")
                .append(MemorySize.text(state.freeBytes()))
                .append(" of ")
                .append(MemorySize.text(state.limitBytes()))
                .append(" free");
        if (pool.isOffHeap()) {
            text.append(", the reserve has ")
                    .append(MemorySize.text(now.reserveBytes()))
                    .append(" left and no other pool has enough idle");
        }
        text.append(".\nLargest holders: ")
                .append(Holder.describeLargest(now.holders(), pool.name()))
                .append(".\n");
        long least = mebiAtLeast(saturatedAdd(now.totalBytes(), missing));
        long roomy =
                mebiAtLeast(
                        saturatedAdd(now.totalBytes(), Math.max(missing, now.totalBytes() / 4)));
        text.append("Raise --memory or env.setMemory (now ")
                .append(MemorySize.text(now.totalBytes()))
                .append("; this request needs about ")
                .append(MemorySize.text(least))
                .append(", and ")
                .append(MemorySize.text(roomy))
                .append(" would leave room to grow).");
        return new MemoryExhaustedException(owner, requestedBytes, text.toString());
    }

    /// The ledger had room but the operating system had none.
    static MemoryExhaustedException refusedBySystem(
            String what, String owner, long requestedBytes, long residentBytes) {
        return new MemoryExhaustedException(
                owner,
                requestedBytes,
                "cannot allocate "
                        + what
                        + " for '"
                        + owner
                        + "': the budget has room, but the operating system "
                        + "refused more memory with "
                        + MemorySize.text(residentBytes)
                        + " of pages resident.\n"
                        + "Lower --memory or env.setMemory below what this machine or container can"
                        + " give, or raise the limit of the container.");
    }

    private static long mebiAtLeast(long bytes) {
        long mebi = 1L << 20;
        return bytes > Long.MAX_VALUE - mebi ? bytes : (bytes + mebi - 1) / mebi * mebi;
    }

    private static long saturatedAdd(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
