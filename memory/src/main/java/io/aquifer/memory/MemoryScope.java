package io.aquifer.memory;

import io.aquifer.memory.space.MappedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Everything one task attempt, or a job as a whole, holds; when it ends all of it comes back.
///
/// Scopes form a tree: a job's scope has one for each of its tasks. Each lease should be closed by
/// whoever took it. [#closeAndReport] returns what is still held and says what was open and whose
/// it was; [#close] does the same and throws if there was anything to say. What comes back can be
/// let again at once; the operating system has it back within two seconds.
///
/// **Who has left.** A thread that uses the scope's memory says so with [#enter] and closes the
/// entry when it will touch it no more. When a scope ends, its views throw at once; its pages are
/// let again only if no other thread is inside. Otherwise they go to *quarantine*: still charged,
/// named in the statistics, and let again when the last thread has left. Of a scope that gave out
/// [views][PageLease#view] they rest there for 100 to 200 ms in any case.
///
/// **Requests to give back.** The governor may ask the scope for memory. Its thread answers in
/// [#serveReclaims], which it calls between two records and inside every wait.
///
/// **Threads.** Any thread, except where a method says otherwise.
public final class MemoryScope implements AutoCloseable {
    private final Ledger ledger;
    private final String owner;
    final @Nullable MemoryScope parent;
    final int id;
    final int priority;
    private final ScopeViews views;

    // Guarded by the ledger's lock.
    final Set<Lease> leases = new LinkedHashSet<>();
    final Set<MemoryScope> children = new LinkedHashSet<>();
    final List<Registration> registrations = new ArrayList<>();
    final List<Entry> entries = new ArrayList<>();
    final long[] chargedBytes = new long[Ledger.POOLS];
    final long[] guaranteedBytes = new long[Ledger.POOLS];
    final long[] ceilingBytes = new long[Ledger.POOLS];
    @Nullable Quarantine quarantine;

    /// Whether a thread was ever in it or in a scope inside it.
    boolean everEntered;

    /// What the governor asked for, not answered yet.
    @Nullable Ask ask;

    /// Why the scope must end, once that is decided.
    @Nullable MemoryExhaustedException doom;

    private Runnable wake = () -> {};

    /// Whether its thread has something to answer, here or in an inner scope without a thread.
    /// Written under the lock.
    volatile boolean asked;

    volatile boolean closed;

    MemoryScope(Ledger ledger, @Nullable MemoryScope parent, String owner, int id, int priority) {
        this.ledger = ledger;
        this.parent = parent;
        this.owner = owner;
        this.id = id;
        this.priority = priority;
        this.views = new ScopeViews(ledger.pages().space());
    }

    /// A thread that is inside; close it when the thread will touch the scope's memory no more.
    /// Closing again does nothing. Any thread may close it.
    public static final class Entry implements AutoCloseable {
        final MemoryScope scope;
        final Thread thread;

        Entry(MemoryScope scope, Thread thread) {
            this.scope = scope;
            this.thread = thread;
        }

        @Override
        public void close() {
            scope.ledger.leave(this);
        }
    }

    /// A reclaimer that can be asked; close it when it no longer can. Closing again does nothing.
    public static final class Registration implements AutoCloseable {
        final MemoryScope scope;
        final Reclaimer reclaimer;

        /// What it said it could give when it was asked last and gave nothing, else -1: not asked
        /// again until it says something else or its scope takes more. Guarded by the ledger's
        /// lock.
        long dryBytes = -1;

        /// Whether the scope was granted something since the reclaimer was asked last.
        boolean grew;

        Registration(MemoryScope scope, Reclaimer reclaimer) {
            this.scope = scope;
            this.reclaimer = reclaimer;
        }

        @Override
        public void close() {
            scope.ledger.run(() -> scope.registrations.remove(this));
        }
    }

    /// A request to give back.
    static final class Ask {
        final MemoryPool pool;
        final Rung upTo;
        final long bytes;

        /// When it was posted, or when somebody began to answer.
        long sinceNanos;

        /// Who is answering.
        @Nullable Thread server;

        /// Whether others are asked meanwhile, since it takes too long.
        boolean passedOver;

        Ask(MemoryPool pool, Rung upTo, long bytes, long sinceNanos) {
            this.pool = pool;
            this.upTo = upTo;
            this.bytes = bytes;
            this.sinceNanos = sinceNanos;
        }
    }

    /// Who holds what is leased here, such as `flights / windows (1/2)`.
    public String owner() {
        return owner;
    }

    /// Opens a scope inside this one, which ends with it at the latest. Its owner is this scope's
    /// owner, ` / ` and `name`; its priority is this scope's.
    ///
    /// @throws MemoryUseException if this scope has ended
    public MemoryScope openScope(String name) {
        return ledger.openScope(this, owner + " / " + name, priority);
    }

    /// Reserves for this scope what it may always hold of a pool, once and before it takes leases.
    /// Until it holds that much, nobody else can have it, and no request within it ever waits.
    ///
    /// @throws MemoryConfigurationException if the guarantees of all owners and what is held do not
    ///   fit in what the pool can reach; shows the sum
    public void guarantee(MemoryPool pool, long bytes) {
        requireOwn(pool);
        ledger.guarantee(this, pool, bytes);
    }

    /// An empty lease of pages that the owner cannot go on without.
    ///
    /// @param pool a pool of the manager that opened this scope, with pages: `managed` or `network`
    /// @param name what the pages are for, such as `cells`
    public PageLease leasePages(MemoryPool pool, String name) {
        return leasePages(pool, name, Retention.REQUIRED);
    }

    /// An empty lease of pages.
    ///
    /// @param pool a pool of the manager that opened this scope, with pages: `managed` or `network`
    /// @param name what the pages are for, such as `cells`
    public PageLease leasePages(MemoryPool pool, String name, Retention retention) {
        if (!pool.isOffHeap()) {
            throw MemoryUseException.poolHasNoPages(pool.name(), owner + " / " + name);
        }
        requireOwn(pool);
        PageLease lease = new PageLease(this, pool, name, retention);
        ledger.register(this, lease);
        return lease;
    }

    /// An empty lease of bytes that the owner cannot go on without.
    ///
    /// @param pool any pool of the manager that opened this scope
    /// @param name what the bytes are for, such as `decoded records`
    public ByteLease leaseBytes(MemoryPool pool, String name) {
        return leaseBytes(pool, name, Retention.REQUIRED);
    }

    /// An empty lease of bytes.
    ///
    /// @param pool any pool of the manager that opened this scope
    /// @param name what the bytes are for, such as `decoded records`
    public ByteLease leaseBytes(MemoryPool pool, String name, Retention retention) {
        requireOwn(pool);
        ByteLease lease = new ByteLease(this, pool, name, retention);
        ledger.register(this, lease);
        return lease;
    }

    /// Opens a finished file to be read through mapped windows, which are charged while they are
    /// mapped; maps nothing yet.
    ///
    /// @param pool what the windows are charged to, usually `operation`
    /// @param name what it is for, such as `airports.csv`
    /// @param windowBytes the size of a window, above 0
    /// @throws IOException if the file is missing, empty, or not a file; names it
    public MappedLease mapFile(MemoryPool pool, String name, Path file, long windowBytes)
            throws IOException {
        ByteLease lease = leaseBytes(pool, name);
        try {
            return new MappedLease(lease, MappedFile.open(file, windowBytes), windowBytes);
        } catch (IOException | RuntimeException refused) {
            lease.close();
            throw refused;
        }
    }

    /// Says that the current thread uses this scope's memory until the entry is closed.
    ///
    /// @throws MemoryUseException if the scope has ended
    public Entry enter() {
        return ledger.enter(this, Thread.currentThread());
    }

    /// Says that `reclaimer` can be asked for memory, until the returned registration is closed or
    /// the scope ends.
    ///
    /// @throws MemoryUseException if the scope has ended
    public Registration register(Reclaimer reclaimer) {
        Registration registration = new Registration(this, reclaimer);
        ledger.run(
                () -> {
                    requireOpen();
                    registrations.add(registration);
                });
        return registration;
    }

    /// Sets what makes the scope's thread call [#serveReclaims] soon when it waits for something
    /// else than memory. Called by any thread without the ledger's lock; must not wait.
    public void onReclaimRequested(Runnable wakeThread) {
        ledger.run(() -> wake = wakeThread);
    }

    /// Answers what the governor has asked of this scope. Called by the scope's own thread where no
    /// record is half processed, and inside every wait; costs one volatile read when nothing was
    /// asked.
    ///
    /// @throws MemoryExhaustedException if it was decided that this scope must end for the sake of
    ///   others
    public void serveReclaims() {
        if (asked) {
            ledger.arbiter().requests().serve(this, Thread.currentThread());
        }
    }

    /// The leases still open, in the order they were taken.
    public List<Leak> leaks() {
        return ledger.read(() -> leases.stream().map(Lease::asLeak).toList());
    }

    /// What all leases hold together, those of inner scopes included, in bytes.
    public long heldBytes() {
        return ledger.readLong(this::held);
    }

    /// Whether it has ended. Cheap; any thread.
    public boolean isClosed() {
        return closed;
    }

    /// Ends the scope and those inside it: takes back everything still held and reports what was
    /// open. A second call reports nothing.
    ///
    /// The calling thread promises to touch the scope's memory no more. If other threads are inside
    /// the memory is quarantined until they have left.
    public LeakReport closeAndReport() {
        return ledger.closeScope(this);
    }

    /// Ends the scope as [#closeAndReport] does.
    ///
    /// @throws MemoryLeakException if leases were open; everything was returned before
    @Override
    public void close() {
        LeakReport report = closeAndReport();
        if (!report.isEmpty()) {
            throw MemoryLeakException.of(List.of(report));
        }
    }

    private void requireOwn(MemoryPool pool) {
        if (pool.ledger() != ledger) {
            throw MemoryUseException.foreignPool(pool.name(), owner);
        }
    }

    MemorySegment view(int page) {
        if (closed) {
            throw MemoryUseException.scopeClosed(owner);
        }
        if (!ledger.pages().sharesExtents()) {
            ledger.requests().keepForViews(this, page);
        }
        return views.of(page);
    }

    Ledger ledger() {
        return ledger;
    }

    ScopeViews views() {
        return views;
    }

    // The rest is called with the ledger's lock held.

    void requireOpen() {
        if (closed) {
            throw MemoryUseException.scopeClosed(owner);
        }
    }

    long held() {
        long held = 0;
        for (Lease lease : leases) {
            held += lease.held();
        }
        for (MemoryScope child : children) {
            held += child.held();
        }
        return held;
    }

    /// Who stands for the whole: pages pass between the scopes of one tenant without being wiped.
    MemoryScope root() {
        MemoryScope root = this;
        while (root.parent != null) {
            root = root.parent;
        }
        return root;
    }

    /// What its reclaimers of that kind of memory on a rung say they could give.
    long reclaimable(MemoryType type, Rung rung) {
        long bytes = 0;
        for (Registration registration : registrations) {
            Reclaimer reclaimer = registration.reclaimer;
            if (reclaimer.rung() == rung && reclaimer.type() == type) {
                long said = Math.max(0, reclaimer.reclaimableBytes());
                if (said != registration.dryBytes) {
                    registration.dryBytes = -1;
                    bytes += said;
                }
            }
        }
        return bytes;
    }

    /// The scope whose thread answers for this one: the innermost around it with a thread inside.
    @Nullable MemoryScope answerer() {
        MemoryScope scope = this;
        while (scope != null && scope.entries.isEmpty()) {
            scope = scope.parent;
        }
        return scope;
    }

    /// Whether `thread` is the one that answers for this scope: of those inside, the first.
    boolean isAnsweredBy(Thread thread) {
        return !entries.isEmpty() && entries.getFirst().thread == thread;
    }

    boolean isInside(Thread thread) {
        for (Entry entry : entries) {
            if (entry.thread == thread) {
                return true;
            }
        }
        return false;
    }

    void wakeThread() {
        wake.run();
    }
}
