package io.aquifer.engine;

import io.aquifer.state.KeyRouting;
import io.aquifer.state.TableRuns;
import io.aquifer.state.run.RunFile;

import java.util.ArrayList;
import java.util.List;

/// What of one subtask's keyed state a checkpoint has as runs, held until the checkpoint is
/// complete or was given up.
///
/// **Threads.** Filled by the subtask's thread and then handed over.
final class StateRuns implements AutoCloseable {
    private final List<Part> parts = new ArrayList<>();
    private boolean closed;

    /// A run as far as it counts; those of one state follow one another, the newest first.
    record Part(RunFile file, int firstKeyGroup, int lastKeyGroup) {}

    /// Takes over the runs of a table.
    void add(TableRuns table, KeyRouting routing, KeyGroupRange groups) {
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
            parts.forEach(part -> part.file().release());
        }
    }
}
