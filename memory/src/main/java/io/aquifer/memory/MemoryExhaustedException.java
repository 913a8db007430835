package io.aquifer.memory;

import java.util.Locale;

/// A request that found no room in its pool, nor in what the pool may borrow; the ledger is as
/// before.
///
/// The message names the requester, the state of the pool, the largest holders and what to raise.
public final class MemoryExhaustedException extends MemoryException {
    private static final long serialVersionUID = 1L;
    private static final int TRIED_SHOWN = 12;

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

    /// Nobody has anything to give any more, or not in time.
    static MemoryExhaustedException poolFull(
            Ticket ticket, MemoryStatistics now, long nowNanos, boolean throttling) {
        MemoryPool pool = ticket.pool();
        String owner = ticket.lease.ownerText();
        PoolStatistics state = now.pool(pool.name());
        long missing = ticket.bytes - state.freeBytes();
        StringBuilder text = new StringBuilder(400);
        text.append("cannot allocate ")
                .append(ticket.what())
                .append(" for '")
                .append(owner)
                .append("': ");
        appendState(text, ticket, state, now);
        text.append(".\nLargest holders: ")
                .append(Holder.describeLargest(now.holders(), pool.name()))
                .append(".\n");
        appendTried(text, ticket, nowNanos, throttling);
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
        return new MemoryExhaustedException(owner, ticket.bytes, text.toString());
    }

    private static void appendState(
            StringBuilder text, Ticket ticket, PoolStatistics state, MemoryStatistics now) {
        MemoryPool pool = ticket.pool();
        MemoryScope scope = ticket.lease.scope;
        long ceiling = scope.ceilingBytes[pool.index];
        long charged = scope.chargedBytes[pool.index];
        long room = Math.max(0, pool.freeBytes()) + pool.ledger().lending().roomFor(pool);
        boolean byPolicy = ticket.bytes <= room && !Owners.isAllowed(ticket);
        if (byPolicy) {
            text.append("policy '")
                    .append(now.arbitration().policy())
                    .append("' lets '")
                    .append(scope.owner())
                    .append("' hold ")
                    .append(MemorySize.text(ceiling))
                    .append(" of pool '")
                    .append(pool.name())
                    .append("', and it has ")
                    .append(MemorySize.text(charged));
            return;
        }
        text.append("pool '")
                .append(pool.name())
                .append("' has ")
                .append(MemorySize.text(state.freeBytes()))
                .append(" of ")
                .append(MemorySize.text(state.limitBytes()))
                .append(" free");
        if (pool.guaranteedUnusedBytes > 0) {
            text.append(" (")
                    .append(MemorySize.text(pool.guaranteedUnusedBytes))
                    .append(" of it guaranteed to others)");
        }
        if (pool.isOffHeap()) {
            text.append(", the reserve has ")
                    .append(MemorySize.text(now.reserveBytes()))
                    .append(" left and no other pool has enough idle");
        }
        if (now.quarantineBytes() > 0) {
            text.append("; ")
                    .append(MemorySize.text(now.quarantineBytes()))
                    .append(
                            " are in quarantine, since threads or views of ended owners may still"
                                    + " use them");
        }
    }

    private static void appendTried(
            StringBuilder text, Ticket ticket, long nowNanos, boolean throttling) {
        long waitedMillis = (nowNanos - ticket.sinceNanos) / 1_000_000;
        if (ticket.tried.isEmpty() && !ticket.parked) {
            return;
        }
        text.append("Waited ")
                .append(String.format(Locale.ROOT, "%,d", waitedMillis))
                .append(" ms");
        int shown = Math.min(ticket.tried.size(), TRIED_SHOWN);
        if (shown > 0) {
            text.append(": ").append(String.join(", ", ticket.tried.subList(0, shown)));
            if (shown < ticket.tried.size()) {
                text.append(", and ").append(ticket.tried.size() - shown).append(" steps more");
            }
        }
        text.append(throttling ? "; sources were slowed.\n" : ".\n");
    }

    /// A job has to end for another's sake.
    static MemoryExhaustedException mustEnd(
            MemoryScope victim, Ticket ticket, MemoryStatistics now) {
        String pool = ticket.pool().name();
        return new MemoryExhaustedException(
                victim.owner(),
                ticket.bytes,
                "'"
                        + victim.owner()
                        + "' must end, so that '"
                        + ticket.lease.ownerText()
                        + "' gets "
                        + ticket.what()
                        + " of pool '"
                        + pool
                        + "': nothing else could be given back, and of the jobs that hold memory it"
                        + " is the youngest of the lowest priority ("
                        + victim.priority
                        + ").\nLargest holders: "
                        + Holder.describeLargest(now.holders(), pool)
                        + ".\nRaise --memory or env.setMemory (now "
                        + MemorySize.text(now.totalBytes())
                        + "), run the jobs one after the other, or give this one a higher"
                        + " priority.");
    }

    /// A lease cannot move, since its old owner's guarantee must stay free.
    static MemoryExhaustedException cannotMove(
            PageLease lease, MemoryScope to, long missing, MemoryStatistics now) {
        MemoryPool pool = lease.pool;
        return new MemoryExhaustedException(
                lease.ownerText(),
                lease.granted(),
                "cannot move "
                        + MemorySize.text(lease.granted())
                        + " of '"
                        + lease.ownerText()
                        + "' to '"
                        + to.owner()
                        + "': '"
                        + lease.scope.owner()
                        + "' is guaranteed "
                        + MemorySize.text(lease.scope.guaranteedBytes[pool.index])
                        + " of pool '"
                        + pool.name()
                        + "', and to keep that free "
                        + MemorySize.text(missing)
                        + " are missing.\nLargest holders: "
                        + Holder.describeLargest(now.holders(), pool.name())
                        + ".\nRaise --memory or env.setMemory (now "
                        + MemorySize.text(now.totalBytes())
                        + "), or guarantee the memory to '"
                        + to.owner()
                        + "' instead.");
    }

    /// The waiting thread was interrupted, as when its job is cancelled.
    static MemoryExhaustedException interrupted(Ticket ticket) {
        return new MemoryExhaustedException(
                ticket.lease.ownerText(),
                ticket.bytes,
                "'"
                        + ticket.lease.ownerText()
                        + "' was interrupted while it waited for "
                        + ticket.what()
                        + " of pool '"
                        + ticket.pool().name()
                        + "'. Nothing was changed.");
    }

    /// Portable mode: memory was so scattered that owners had to share the least unit of views.
    static MemoryExhaustedException noExtentForView(String owner) {
        return new MemoryExhaustedException(
                owner,
                0,
                "cannot show a page of '"
                        + owner
                        + "' as a view: it lies beside pages of another owner, since memory is"
                        + " scattered, and such views would outlive their owners. Grant native"
                        + " access (--enable-native-access=io.aquifer.memory), or raise --memory or"
                        + " env.setMemory.");
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
