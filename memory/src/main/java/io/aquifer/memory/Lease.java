package io.aquifer.memory;

import java.util.Locale;
import java.util.stream.Collectors;

/// What both kinds of lease share: a pool, an owner, and an end. Guarded by the ledger's lock.
abstract sealed class Lease permits PageLease, ByteLease {
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final int FRAMES = 24;

    final MemoryScope scope;
    final MemoryPool pool;
    final String owner;
    private final String site;
    boolean closed;
    boolean closedByScope;

    Lease(MemoryScope scope, MemoryPool pool, String name) {
        this.scope = scope;
        this.pool = pool;
        this.owner = scope.owner() + " / " + name;
        this.site =
                "full".equals(System.getProperty("aquifer.memory.leak-trace")) ? currentSite() : "";
    }

    abstract long held();

    abstract Leak.Kind kind();

    Leak asLeak() {
        return new Leak(owner, kind(), pool.name(), held(), site);
    }

    void requireOpen() {
        if (closed) {
            throw MemoryUseException.leaseClosed(owner, closedByScope);
        }
    }

    static String pagesText(long count) {
        return String.format(
                Locale.ROOT,
                "%,d %s (%s)",
                count,
                count == 1 ? "page" : "pages",
                MemorySize.text(count * MemoryManager.PAGE_SIZE_BYTES));
    }

    private static String currentSite() {
        return WALKER.walk(
                frames ->
                        frames.dropWhile(
                                        frame ->
                                                frame.getClassName()
                                                                .startsWith(
                                                                        MemoryScope.class.getName())
                                                        || frame.getClassName()
                                                                .startsWith(
                                                                        Lease.class.getPackageName()
                                                                                + ".PageLease")
                                                        || frame.getClassName()
                                                                .startsWith(
                                                                        Lease.class.getPackageName()
                                                                                + ".ByteLease")
                                                        || frame.getClassName()
                                                                .equals(Lease.class.getName()))
                                .limit(FRAMES)
                                .map(frame -> "    at " + frame)
                                .collect(Collectors.joining("\n")));
    }
}
