package io.aquifer.engine.checkpoint;


import java.nio.file.Path;
import java.util.Optional;

/// A state directory held by one running job: its lock, its run, its checkpoints.
public final class StateDirectory implements AutoCloseable {
    private StateDirectory() {}

    /// How to open a directory.
    ///
    /// @param jobName whose state it must be
    /// @param retained complete checkpoints kept
    /// @param force begin anew although the directory is another job's; its state is removed
    /// @param checkpoint go on from this one instead of the latest; 0 for the latest
    public record Request(
            Path directory, String jobName, int retained, boolean force, long checkpoint) {}

    /// What a directory held when it was opened.
    public enum Found {
        /// Nothing: the job begins.
        NOTHING,
        /// A run that had finished: the job begins anew, in a new run.
        FINISHED_RUN,
        /// A run that was interrupted before its first checkpoint: the run begins anew.
        NO_CHECKPOINT,
        /// A checkpoint to go on from.
        CHECKPOINT
    }

    /// Takes the directory, makes it if needed, checks what it holds, and removes what an
    /// interrupted checkpoint left.
    ///
    /// @throws StateDirectoryException when it is in use, another job's, damaged, or cannot be
    ///   written; nothing was changed then
    public static StateDirectory open(Request request) {
        throw new UnsupportedOperationException();
    }

    public Path path() {
        throw new UnsupportedOperationException();
    }

    public String runId() {
        throw new UnsupportedOperationException();
    }

    public Found found() {
        throw new UnsupportedOperationException();
    }

    /// The checkpoint to go on from: at first what was found, later the last one completed. Its
    /// files were verified when the directory was opened.
    public Optional<CheckpointManifest> latest() {
        throw new UnsupportedOperationException();
    }

    /// The id of the next checkpoint: larger than every id that was ever used in this directory.
    public long nextId() {
        throw new UnsupportedOperationException();
    }

    /// Begins a checkpoint. Several may be under way.
    public CheckpointDraft begin(long id) throws java.io.IOException {
        throw new UnsupportedOperationException();
    }

    /// Opens a state file that a manifest names.
    public java.nio.channels.SeekableByteChannel openFile(CheckpointManifest.StateFile file)
            throws java.io.IOException {
        throw new UnsupportedOperationException();
    }

    /// Notes that the run has finished: the next start begins anew.
    public void finished() throws java.io.IOException {
        throw new UnsupportedOperationException();
    }

    /// Lets another job have the directory.
    @Override
    public void close() {}

}
