package io.aquifer.state;

import io.aquifer.state.run.Run;
import io.aquifer.state.run.RunFile;

import java.util.List;

/// The files of runs that together hold a table as it was at one moment, the newest first. They
/// stay what they are, whatever becomes of the table and its memory, until this is closed.
///
/// **Threads.** Any.
public final class TableRuns implements AutoCloseable {
    private final List<Part> parts;
    private boolean closed;

    /// @param runs held by somebody else for the time of this call
    TableRuns(List<Run> runs) {
        this.parts =
                runs.stream()
                        .map(run -> new Part(run.file(), run.lowest(), run.highest()))
                        .toList();
        this.parts.forEach(part -> part.file().retain());
    }

    /// A run as far as it counts.
    ///
    /// @param lowest the lowest routing that counts, as an unsigned number
    /// @param highest the highest routing that counts
    public record Part(RunFile file, long lowest, long highest) {}

    /// The newest first; none for an empty table.
    public List<Part> parts() {
        return parts;
    }

    /// Lets the files go. Closing again does nothing.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            parts.forEach(part -> part.file().release());
        }
    }
}
