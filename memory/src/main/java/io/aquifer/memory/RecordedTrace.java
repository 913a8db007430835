package io.aquifer.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A whole trace as it was read: what each owner did, in order.
///
/// **Invariant**: steps are in order of time; an owner's first step is its opening and its last its
/// end; unless events were dropped, an owner releases only what it was granted. Owners that were
/// open when the trace ended end with it.
///
/// @param plan the budget it was recorded under
/// @param steps everything that happened
/// @param nanos how long it was recorded
/// @param droppedEvents how many events the recorder could not keep up with
record RecordedTrace(MemoryPlan plan, List<Step> steps, long nanos, long droppedEvents) {

    /// An event and what became of it.
    ///
    /// @param granted of a request, whether it was granted
    /// @param waitedNanos of a request, how long its owner waited for the answer
    record Step(TraceEvent event, int owner, boolean granted, long waitedNanos) {}

    /// Reads and checks a file.
    ///
    /// @throws MemoryTraceException if it cannot be read or is no whole trace; names the line
    static RecordedTrace read(Path file) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            return new Reader(file, lines).read();
        } catch (NoSuchFileException missing) {
            throw MemoryTraceException.unreadable(file, "there is no such file");
        } catch (CharacterCodingException noText) {
            throw MemoryTraceException.notATrace(file, TraceFormat.MAGIC + " VERSION");
        } catch (IOException failed) {
            throw MemoryTraceException.unreadable(
                    file,
                    Files.isDirectory(file)
                            ? "it is a directory"
                            : String.valueOf(failed.getMessage()));
        }
    }

    /// What a pool's events of one owner add up to while they are read.
    private static final class Balance {
        long held;
        int lastRequest = -1;
    }

    private static final class Reader {
        private final Path file;
        private final BufferedReader lines;
        private final List<Step> steps = new ArrayList<>();
        private final Map<Integer, Map<String, Balance>> open = new HashMap<>();
        private final Set<Integer> known = new HashSet<>();
        private long line;
        private long nanos;
        private long dropped;

        Reader(Path file, BufferedReader lines) {
            this.file = file;
            this.lines = lines;
        }

        RecordedTrace read() throws IOException {
            String first = next();
            if (!first.startsWith(TraceFormat.MAGIC + " ")) {
                throw MemoryTraceException.notATrace(file, TraceFormat.MAGIC + " VERSION");
            }
            String version = first.substring(TraceFormat.MAGIC.length() + 1);
            if (!version.equals("" + TraceFormat.VERSION)) {
                throw MemoryTraceException.wrongVersion(file, version, TraceFormat.VERSION);
            }
            String second = next();
            MemoryPlan plan;
            try {
                plan = TraceFormat.plan(second);
            } catch (IllegalArgumentException unreadable) {
                throw refused(second, unreadable);
            }
            while (!readEvent()) {
                // until the last line was read
            }
            if (lines.readLine() != null) {
                line++;
                throw MemoryTraceException.corrupt(file, line, "the trace goes on after its end");
            }
            open.keySet().stream()
                    .sorted()
                    .forEach(owner -> add(new TraceEvent.Closed(nanos, owner), owner));
            return new RecordedTrace(plan, List.copyOf(steps), nanos, dropped);
        }

        /// @return whether it was the last
        private boolean readEvent() throws IOException {
            String text = next();
            try {
                TraceEvent event = TraceFormat.read(text);
                if (event.nanos() < nanos) {
                    throw new IllegalArgumentException(
                            "time goes back from " + nanos + " to " + event.nanos());
                }
                take(event);
                nanos = event.nanos();
                return event instanceof TraceEvent.Ended;
            } catch (IllegalArgumentException unreadable) {
                throw refused(text, unreadable);
            }
        }

        private void take(TraceEvent event) {
            switch (event) {
                case TraceEvent.Opened e -> {
                    if (!known.add(e.owner())) {
                        throw new IllegalArgumentException(
                                "owner " + e.owner() + " opens a second time");
                    }
                    open.put(e.owner(), new HashMap<>());
                    add(event, e.owner());
                }
                case TraceEvent.Guaranteed e -> {
                    if (isOpen(e.owner())) {
                        add(event, e.owner());
                    }
                }
                case TraceEvent.Requested e -> request(e);
                case TraceEvent.Granted e -> answer(e, e.owner(), e.pool(), e.bytes(), true);
                case TraceEvent.Refused e -> answer(e, e.owner(), e.pool(), e.bytes(), false);
                case TraceEvent.Released e -> release(e);
                case TraceEvent.Reclaimable e -> {
                    if (isOpen(e.owner())) {
                        add(event, e.owner());
                    }
                }
                case TraceEvent.Closed e -> {
                    if (isOpen(e.owner())) {
                        open.remove(e.owner());
                        add(event, e.owner());
                    }
                }
                case TraceEvent.Dropped e -> dropped += e.count();
                case TraceEvent.Ended _ -> {}
            }
        }

        private void request(TraceEvent.Requested request) {
            if (request.bytes() == 0) {
                throw new IllegalArgumentException("a request of 0 bytes");
            }
            if (isOpen(request.owner())) {
                Balance balance = balance(request.owner(), request.pool());
                balance.held += request.bytes();
                balance.lastRequest = steps.size();
                add(request, request.owner());
            }
        }

        private void answer(
                TraceEvent answer, int owner, String pool, long bytes, boolean granted) {
            if (!isOpen(owner)) {
                return;
            }
            Balance balance = balance(owner, pool);
            if (balance.lastRequest >= 0
                    && steps.get(balance.lastRequest).event() instanceof TraceEvent.Requested asked
                    && asked.bytes() == bytes) {
                long waited = answer.nanos() - asked.nanos();
                steps.set(balance.lastRequest, new Step(asked, owner, granted, waited));
                balance.held -= granted ? 0 : bytes;
                balance.lastRequest = -1;
            } else if (dropped == 0) {
                throw new IllegalArgumentException(
                        "an answer for "
                                + bytes
                                + " bytes of "
                                + pool
                                + " that owner "
                                + owner
                                + " did not ask for");
            }
        }

        private void release(TraceEvent.Released release) {
            if (!isOpen(release.owner())) {
                return;
            }
            Balance balance = balance(release.owner(), release.pool());
            if (release.bytes() > balance.held && dropped == 0) {
                throw new IllegalArgumentException(
                        "owner "
                                + release.owner()
                                + " releases "
                                + release.bytes()
                                + " bytes of "
                                + release.pool()
                                + " and holds "
                                + balance.held);
            }
            balance.held = Math.max(0, balance.held - release.bytes());
            add(release, release.owner());
        }

        private void add(TraceEvent event, int owner) {
            steps.add(new Step(event, owner, true, 0));
        }

        /// Where events were dropped, what is left of an owner that seems not to be there is passed
        /// over.
        private boolean isOpen(int owner) {
            if (open.containsKey(owner)) {
                return true;
            }
            if (dropped == 0) {
                throw new IllegalArgumentException(
                        "owner "
                                + owner
                                + (known.contains(owner)
                                        ? " has been closed"
                                        : " has not been opened"));
            }
            return false;
        }

        private Balance balance(int owner, String pool) {
            return open.computeIfAbsent(owner, _ -> new HashMap<>())
                    .computeIfAbsent(pool, _ -> new Balance());
        }

        private String next() throws IOException {
            String text = lines.readLine();
            if (text == null) {
                if (line == 0) {
                    throw MemoryTraceException.notATrace(file, TraceFormat.MAGIC + " VERSION");
                }
                throw MemoryTraceException.truncated(file, line, "", nanos);
            }
            line++;
            return text;
        }

        /// What is wrong with a line; in the last one it is that the file was cut there.
        private MemoryTraceException refused(String text, IllegalArgumentException reason) {
            boolean isLast;
            try {
                isLast = lines.readLine() == null && !text.endsWith(" end");
            } catch (IOException unreadable) {
                isLast = false;
            }
            return isLast
                    ? MemoryTraceException.truncated(file, line, text, nanos)
                    : MemoryTraceException.corrupt(file, line, String.valueOf(reason.getMessage()));
        }
    }
}
