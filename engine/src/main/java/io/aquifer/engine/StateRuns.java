package io.aquifer.engine;

import io.aquifer.state.KeyRouting;
import io.aquifer.state.TableRuns;
import io.aquifer.state.TableSnapshot;
import io.aquifer.state.run.RunFile;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// What of one subtask's keyed state a checkpoint has as runs, held until the checkpoint is
/// complete or was given up.
///
/// Tables are saved while the subtask goes on: [#advance] takes the next steps.
///
/// **Threads.** The subtask's, until all have ended and it is handed over.
final class StateRuns implements AutoCloseable {
    private final List<Part> parts = new ArrayList<>();
    private final Queue<Pending> pending = new ArrayDeque<>();
    private boolean closed;

    private record Pending(TableSnapshot snapshot, KeyRouting routing, KeyGroupRange groups) {}

    /// A run as far as it counts; those of one state follow one another, the newest first.
    record Part(RunFile file, int firstKeyGroup, int lastKeyGroup) {}

    /// Takes over the snapshot of a table, and its runs when it has ended.
    void add(TableSnapshot snapshot, KeyRouting routing, KeyGroupRange groups) {
        pending.add(new Pending(snapshot, routing, groups));
    }

    /// Goes on with the snapshots under way, as far as they need not wait.
    ///
    /// @return whether all have ended
    /// @throws IOException if the disk has refused one
    boolean advance() throws IOException {
        while (!pending.isEmpty()) {
            Pending next = pending.peek();
            if (!next.snapshot().advance()) {
                return false;
            }
            pending.remove();
            add(next.snapshot().result(), next.routing(), next.groups());
        }
        return true;
    }

    /// Whether [#advance] would get on.
    boolean canAdvance() {
        Pending next = pending.peek();
        return next == null || next.snapshot().canAdvance();
    }

    /// Completes the snapshots under way, and waits for that.
    ///
    /// @throws IOException if the disk has refused one
    void finish() throws IOException {
        for (Pending table : pending) {
            table.snapshot().finish();
        }
        advance();
    }

    private void add(TableRuns table, KeyRouting routing, KeyGroupRange groups) {
        try (table) {
            for (TableRuns.Part part : table.parts()) {
                int first = Math.max(groups.first(), routing.keyGroup(part.lowest()));
                int last = Math.min(groups.last(), routing.keyGroup(part.highest()));
                if (first <= last) {
                    add(part.file(), first, last);
                }
            }
        }
    }

    void add(RunFile file, int firstKeyGroup, int lastKeyGroup) {
        file.retain();
        parts.add(new Part(file, firstKeyGroup, lastKeyGroup));
    }

    List<Part> parts() {
        return parts;
    }

    /// Lets the runs go. Closing again does nothing.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            pending.forEach(table -> table.snapshot().close());
            parts.forEach(part -> part.file().release());
        }
    }
}
