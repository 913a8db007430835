package io.aquifer.state;

import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.Pacer;
import io.aquifer.state.run.RunDescription;
import io.aquifer.state.run.RunFiles;

import java.util.concurrent.Executor;

/// Where tables put what does not fit into memory, and who merges it there; shared by the tables of
/// a job.
///
/// **Threads.** Any.
public final class TableSpill {
    private final RunFiles files;
    private final Executor executor;
    private final Pacer pacer;

    /// @param executor runs merges, one thread at a time or many; a merge ends soon after its table
    TableSpill(RunFiles files, Executor executor, Pacer pacer) {
        this.files = files;
        this.executor = executor;
        this.pacer = pacer;
    }

    /// What a table's files say of it.
    ///
    /// @param owner whose the table is, as messages name it
    /// @param header operator, subtask and key groups
    /// @param section name, kind and types of the state
    /// @param keyGroupBits those of its routing
    public record Table(
            String owner, StateFileHeader header, StateSection section, int keyGroupBits) {
        RunDescription description() {
            return new RunDescription(header, section, keyGroupBits);
        }
    }

    RunFiles files() {
        return files;
    }

    Executor executor() {
        return executor;
    }

    Pacer pacer() {
        return pacer;
    }

    @Override
    public String toString() {
        return files.toString();
    }
}
