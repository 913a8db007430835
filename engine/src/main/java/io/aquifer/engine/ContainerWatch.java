package io.aquifer.engine;

import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemorySize;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// Makes the budget follow the container's memory limit while jobs run: when the limit sinks below
/// what it was at the start, the budget sinks with it, and when it rises again, so does the budget,
/// up to what it was or to `aquifer.memory.ceiling`.
///
/// What the container had beside the budget at the start is left free. Only off-heap memory
/// changes; what is held comes back first.
///
/// **Threads.** [#start] and [#close] by any thread; [#look] by one at a time, the watch's own
/// unless a test calls it.
final class ContainerWatch implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final System.Logger LOG = System.getLogger(ContainerWatch.class.getName());

    private final MemoryManager manager;
    private final LongSupplier limit;
    private final long ceilingBytes;
    private final long besideBytes;
    private long lastLimit;
    private @Nullable Thread thread;
    private boolean closed;

    /// @param totalBytes the budget at the start
    /// @param ceilingBytes the most it may become
    /// @param limit the smallest limit now in bytes, [Long#MAX_VALUE] for none
    ContainerWatch(MemoryManager manager, long totalBytes, long ceilingBytes, LongSupplier limit) {
        this.manager = manager;
        this.limit = limit;
        this.ceilingBytes = ceilingBytes;
        this.lastLimit = limit.getAsLong();
        this.besideBytes = lastLimit == Long.MAX_VALUE ? 0 : Math.max(0, lastLimit - totalBytes);
    }

    synchronized void start() {
        if (thread == null && !closed) {
            Thread started =
                    Thread.ofPlatform()
                            .daemon()
                            .name("aquifer container watch")
                            .unstarted(this::watch);
            thread = started;
            started.start();
        }
    }

    private void watch() {
        while (!isClosed()) {
            look();
            LockSupport.parkNanos(this, LOOK.toNanos());
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /// Compares the limit with what it was and changes the budget if need be.
    void look() {
        long now = limit.getAsLong();
        if (now == lastLimit) {
            return;
        }
        lastLimit = now;
        long wanted = now == Long.MAX_VALUE ? ceilingBytes : now - besideBytes;
        long target = Math.min(ceilingBytes, wanted);
        try {
            manager.resize(target);
            LOG.log(
                    Level.INFO,
                    "the container''s memory limit is {0} now; the budget becomes {1}",
                    now == Long.MAX_VALUE ? "none" : new MemorySize(now),
                    new MemorySize(target));
        } catch (MemoryConfigurationException tooLittle) {
            LOG.log(
                    Level.WARNING,
                    "the container''s memory limit is {0} now, but {1}",
                    new MemorySize(now),
                    tooLittle.getMessage());
        }
    }

    /// Ends the watch; the budget stays as it is.
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
        }
        if (running != null) {
            LockSupport.unpark(running);
        }
    }
}
