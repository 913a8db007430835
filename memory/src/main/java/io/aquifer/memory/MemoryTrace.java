package io.aquifer.memory;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/// Records what owners ask for, to replay it under other policies ([MemoryReplay]).
///
/// An event is put into a buffer and written by a thread of its own, so recording is cheap enough
/// for the ledger's lock and never waits for the disk. **Bound**: at most [#EVENTS_MAX] events
/// wait; the rest of a burst is dropped, and the file says how many were, at their place. A disk
/// that fails ends the trace with one line in the log, and the caller notices nothing.
///
/// | Call              | Waits                           | When it cannot                         |
/// |-------------------|---------------------------------|----------------------------------------|
/// | [#ofProperty]     | to open the file                | logs one line and gives [#OFF]         |
/// | the events        | for another event's few writes  | the event is dropped and counted       |
/// | [#close]          | until all is written            | has logged one line                    |
///
/// **Threads.** Any; events of one lock are in the order of that lock.
final class MemoryTrace implements AutoCloseable {
    /// Records nothing.
    static final MemoryTrace OFF = new MemoryTrace();

    /// The property that names the file.
    static final String PROPERTY = "aquifer.memory.trace";

    static final int EVENTS_MAX = 1 << 16;
    private static final long PAUSE_NANOS = 10_000_000;
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final boolean on;
    private final LongSupplier clock;
    private final long startNanos;
    private final int eventsMax;
    private final Recorder recorder;

    // Guarded by this.
    private List<TraceEvent> waiting = new ArrayList<>();
    private long dropped;
    private boolean ended;

    private MemoryTrace() {
        on = false;
        ended = true;
        clock = () -> 0;
        startNanos = 0;
        eventsMax = 0;
        recorder = new Recorder(Writer.nullWriter(), "", () -> {}, message -> {});
    }

    /// @param clock nanoseconds that only grow
    /// @param eventsMax how many events may wait to be written
    /// @param whenClosed called once, when nothing more will be written
    /// @param log takes the one line for a failure
    MemoryTrace(
            Writer file,
            MemoryPlan plan,
            LongSupplier clock,
            int eventsMax,
            Runnable whenClosed,
            Consumer<String> log) {
        on = true;
        this.clock = clock;
        startNanos = clock.getAsLong();
        this.eventsMax = eventsMax;
        recorder = new Recorder(file, TraceFormat.header(plan), whenClosed, log);
        recorder.start();
    }

    /// The trace that `-Daquifer.memory.trace=FILE` asks for, or [#OFF]. The file is written anew;
    /// while it is open in this process, a second manager gets [#OFF].
    static MemoryTrace ofProperty(MemoryPlan plan) {
        String name = System.getProperty(PROPERTY, "");
        return name.isEmpty() ? OFF : toFile(name, plan, MemoryTrace::log);
    }

    static MemoryTrace toFile(String name, MemoryPlan plan, Consumer<String> log) {
        Path file;
        try {
            file = Path.of(name).toAbsolutePath().normalize();
        } catch (InvalidPathException unusable) {
            log.accept("no memory trace: '" + name + "' is no file name");
            return OFF;
        }
        if (!OPEN.add(file)) {
            log.accept(
                    "no memory trace of a second memory manager: '" + name + "' is being written");
            return OFF;
        }
        try {
            return new MemoryTrace(
                    Files.newBufferedWriter(file),
                    plan,
                    System::nanoTime,
                    EVENTS_MAX,
                    () -> OPEN.remove(file),
                    log);
        } catch (IOException failed) {
            OPEN.remove(file);
            log.accept("no memory trace: cannot write '" + name + "': " + failed);
            return OFF;
        }
    }

    /// Whether events are recorded, for a caller that would have to compute something for one.
    boolean isOn() {
        return on;
    }

    void opened(int owner, int priority, String name) {
        if (on) {
            add(nanos -> new TraceEvent.Opened(nanos, owner, priority, name));
        }
    }

    void guaranteed(int owner, String pool, long bytes) {
        if (on) {
            add(nanos -> new TraceEvent.Guaranteed(nanos, owner, pool, bytes));
        }
    }

    /// A request, when it is made; it counts as granted unless [#refused] follows.
    ///
    /// @param required whether the caller waits and fails without it
    void requested(int owner, String pool, long bytes, boolean required) {
        if (on) {
            add(nanos -> new TraceEvent.Requested(nanos, owner, pool, bytes, required));
        }
    }

    /// The owner's last request in the pool was granted; to be told only if it waited.
    void granted(int owner, String pool, long bytes) {
        if (on) {
            add(nanos -> new TraceEvent.Granted(nanos, owner, pool, bytes));
        }
    }

    void refused(int owner, String pool, long bytes) {
        if (on) {
            add(nanos -> new TraceEvent.Refused(nanos, owner, pool, bytes));
        }
    }

    void released(int owner, String pool, long bytes) {
        if (on) {
            add(nanos -> new TraceEvent.Released(nanos, owner, pool, bytes));
        }
    }

    /// What the owner could give back; telling the same again costs a place in the buffer and no
    /// line.
    void reclaimable(int owner, String pool, long bytes, Rung rung) {
        if (on) {
            add(nanos -> new TraceEvent.Reclaimable(nanos, owner, pool, bytes, rung));
        }
    }

    /// The owner ended; what it held is returned without a [#released].
    void closed(int owner) {
        if (on) {
            add(nanos -> new TraceEvent.Closed(nanos, owner));
        }
    }

    /// Writes what still waits and the last line. Events told later are forgotten.
    @Override
    public void close() {
        if (on) {
            recorder.finish();
        }
    }

    private long now() {
        return clock.getAsLong() - startNanos;
    }

    /// The clock is read under the lock, so times never go back in the file.
    private synchronized void add(LongFunction<TraceEvent> event) {
        if (ended) {
            return;
        }
        if (waiting.size() < eventsMax) {
            waiting.add(event.apply(now()));
        } else {
            dropped++;
        }
    }

    private static void log(String message) {
        System.getLogger(MemoryTrace.class.getName()).log(System.Logger.Level.WARNING, message);
    }

    /// The events told since the last call; after the last of them a note of those that were
    /// dropped.
    private synchronized List<TraceEvent> take(boolean last) {
        List<TraceEvent> taken = waiting;
        waiting = new ArrayList<>();
        if (dropped > 0) {
            taken.add(new TraceEvent.Dropped(now(), dropped));
            dropped = 0;
        }
        if (last && !ended) {
            ended = true;
            taken.add(new TraceEvent.Ended(now()));
        }
        return taken;
    }

    private synchronized void giveUp() {
        ended = true;
        waiting = new ArrayList<>();
    }

    /// The thread that writes.
    private final class Recorder implements Runnable {
        private final Writer file;
        private final String header;
        private final Runnable whenClosed;
        private final Consumer<String> log;
        private final Thread thread = new Thread(this, "aquifer memory trace");
        private final Map<String, Long> reclaimable = new HashMap<>();
        private volatile boolean finishing;

        Recorder(Writer file, String header, Runnable whenClosed, Consumer<String> log) {
            this.file = file;
            this.header = header;
            this.whenClosed = whenClosed;
            this.log = log;
            thread.setDaemon(true);
        }

        void start() {
            thread.start();
        }

        /// Waits until the thread has ended, however often this thread is interrupted meanwhile.
        void finish() {
            finishing = true;
            LockSupport.unpark(thread);
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void run() {
            try (file) {
                file.write(header + "\n");
                boolean last;
                do {
                    last = finishing;
                    write(take(last));
                    if (!last) {
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                } while (!last);
            } catch (IOException failed) {
                log.accept("the memory trace ends here: its file cannot be written: " + failed);
            } finally {
                giveUp();
                whenClosed.run();
            }
        }

        private void write(List<TraceEvent> events) throws IOException {
            StringBuilder text = new StringBuilder();
            for (TraceEvent event : events) {
                if (isNews(event)) {
                    TraceFormat.write(text, event);
                }
            }
            if (!text.isEmpty()) {
                file.write(text.toString());
                file.flush();
            }
        }

        private boolean isNews(TraceEvent event) {
            if (!(event instanceof TraceEvent.Reclaimable told)) {
                return true;
            }
            String key = told.owner() + " " + told.pool() + " " + told.rung();
            Long before = reclaimable.put(key, told.bytes());
            return before == null ? told.bytes() > 0 : before != told.bytes();
        }
    }
}
