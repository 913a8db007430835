package io.aquifer.engine.checkpoint;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// A checkpoint being written: a directory of its own without a manifest, so that no reader takes
/// it for one.
public final class CheckpointDraft {
    CheckpointDraft() {}

    public long id() {
        throw new UnsupportedOperationException();
    }

    /// Makes the file of one operator subtask's state. Any thread; each file is written by one.
    public WritableByteChannel create(String operatorId, int subtask) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The entry for the manifest of a file that was made with [#create] and written.
    public CheckpointManifest.StateFile file(String operatorId, int subtask, long bytes) {
        throw new UnsupportedOperationException();
    }

    /// Brings everything to the disk, the manifest last, and removes checkpoints that are no longer
    /// retained.
    ///
    /// @throws IOException when the disk refuses; the checkpoint is not complete then, and
    ///   [#abort] removes what there is of it
    public void complete(CheckpointManifest manifest) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Removes what was written. Any thread may still be writing to its file; what it writes is
    /// lost.
    public void abort() {
        throw new UnsupportedOperationException();
    }
}
