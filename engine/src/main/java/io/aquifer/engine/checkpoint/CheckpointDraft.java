package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.run.RunFile;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// A checkpoint being written: a directory of its own without a manifest, so that no reader takes
/// it for one.
///
/// It ends with [#complete] or [#abort]. After a [#complete] that threw, [#abort] follows; the
/// checkpoint before stays the latest.
///
/// **Threads.** Any; each file is written by one thread.
public final class CheckpointDraft {
    private enum Stage {
        WRITING,
        COMPLETE,
        ABORTED
    }

    private final StateDirectory directory;
    private final CheckpointFiles files;
    private final long id;

    // guarded by this
    private final Map<String, DraftFile> written = new HashMap<>();
    private final Set<String> linked = new HashSet<>();
    private Stage stage = Stage.WRITING;

    CheckpointDraft(StateDirectory directory, CheckpointFiles files, long id) {
        this.directory = directory;
        this.files = files;
        this.id = id;
    }

    /// The checkpoint's id.
    public long id() {
        return id;
    }

    /// Makes the file of one operator subtask's state. Any thread; each file is written by one. The
    /// channel does not wait for the disk; [#complete] does. After [#abort] it takes what is
    /// written and keeps nothing.
    ///
    /// @throws IllegalStateException when the subtask's file was made before
    public WritableByteChannel create(String operatorId, int subtask) throws IOException {
        String path = path(operatorId, subtask);
        synchronized (this) {
            if (stage == Stage.COMPLETE || written.containsKey(path)) {
                throw new IllegalStateException(
                        path
                                + " cannot be made: checkpoint "
                                + id
                                + (stage == Stage.COMPLETE ? " is complete" : " has it already"));
            }
            if (stage == Stage.ABORTED) {
                return new DraftFile(path, null);
            }
            DraftFile file;
            try {
                file = new DraftFile(path, files.disk().create(files.root().resolve(path)));
            } catch (IOException e) {
                throw new IOException("cannot write " + path + ": " + Reasons.of(e), e);
            }
            written.put(path, file);
            return file;
        }
    }

    /// The entry for the manifest of a file that was made with [#create] and written.
    ///
    /// @param bytes the file's length
    public StateFile file(String operatorId, int subtask, long bytes) {
        return new StateFile(path(operatorId, subtask), subtask, bytes);
    }

    /// Takes a run into this checkpoint: by its name in an earlier one that still is there, or by a
    /// file of its own. Its content is on the disk when this returns.
    ///
    /// @param run held by the caller
    /// @param firstKeyGroup the lowest that counts of it
    /// @param lastKeyGroup the highest that counts of it
    /// @return the entry for the manifest
    /// @throws IOException when the disk refuses, or this was aborted
    public StateFile addRun(
            String operatorId, int subtask, RunFile run, int firstKeyGroup, int lastKeyGroup)
            throws IOException {
        String path = directory.pathOf(run);
        if (path == null) {
            path = link(operatorId, subtask, run);
        }
        return new StateFile(path, subtask, run.length(), firstKeyGroup, lastKeyGroup);
    }

    private synchronized String link(String operatorId, int subtask, RunFile run)
            throws IOException {
        requireWriting();
        String path =
                CheckpointNames.directory(id)
                        + '/'
                        + CheckpointNames.runFile(operatorId, subtask, linked.size());
        try {
            files.disk().createFrom(run, files.root().resolve(path));
        } catch (IOException e) {
            throw new IOException("cannot write " + path + ": " + Reasons.of(e), e);
        }
        linked.add(path);
        directory.remember(run, path);
        return path;
    }

    private String path(String operatorId, int subtask) {
        return CheckpointNames.directory(id) + '/' + CheckpointNames.stateFile(operatorId, subtask);
    }

    /// Brings everything to the disk, the manifest last, and removes checkpoints that are no longer
    /// retained. All channels of files that the manifest names are closed; files that it does not
    /// name are removed.
    ///
    /// @throws IOException when the disk refuses; the checkpoint is not complete then, and [#abort]
    ///   removes what there is of it
    /// @throws IllegalArgumentException when the manifest is not this checkpoint's, or not one that
    ///   could be read again: an operator occurs twice, a path is none of a state file
    /// @throws IllegalStateException when a file is still being written, or has another length than
    ///   the manifest says
    public void complete(CheckpointManifest manifest) throws IOException {
        directory.complete(this, manifest);
    }

    /// Removes what was written. Any thread may still be writing to its file; what it writes is
    /// lost. What cannot be removed now is removed after a later checkpoint, or when the directory
    /// is opened again. Does nothing when the checkpoint is complete or was aborted.
    public void abort() {
        discard();
        directory.abort(this);
    }

    private synchronized void discard() {
        if (stage == Stage.WRITING) {
            stage = Stage.ABORTED;
            written.values().forEach(DraftFile::discard);
            written.clear();
        }
    }

    /// Waits until every file of a manifest is on the disk, and removes those it does not name.
    void force(CheckpointManifest manifest) throws IOException {
        Map<String, DraftFile> unnamed;
        Set<String> runs;
        synchronized (this) {
            requireWriting();
            unnamed = new HashMap<>(written);
            runs = new HashSet<>(linked);
        }
        for (OperatorState operator : manifest.operators()) {
            for (StateFile file : operator.files()) {
                DraftFile mine = unnamed.remove(file.path());
                if (mine != null) {
                    mine.force(file.bytes());
                } else if (!runs.remove(file.path())) {
                    requireEarlier(file);
                }
            }
        }
        for (DraftFile file : unnamed.values()) {
            file.discard();
            files.disk().delete(files.root().resolve(file.path()));
        }
        for (String run : runs) {
            files.disk().delete(files.root().resolve(run));
        }
    }

    synchronized void requireWriting() throws IOException {
        if (stage == Stage.ABORTED) {
            throw new IOException("it was aborted");
        }
        if (stage == Stage.COMPLETE) {
            throw new IllegalStateException("checkpoint " + id + " is complete already");
        }
    }

    private void requireEarlier(StateFile file) throws IOException {
        if (file.path().startsWith(CheckpointNames.directory(id) + '/')) {
            throw new IllegalStateException(file.path() + " was not written");
        }
        String problem = files.wrongLength(file);
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    synchronized void completed() {
        stage = Stage.COMPLETE;
        written.clear();
    }
}
