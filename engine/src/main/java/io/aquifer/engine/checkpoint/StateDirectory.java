package io.aquifer.engine.checkpoint;

import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.SavedRunFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A state directory held by one running job: its lock, its run, its checkpoints.
///
/// A checkpoint is complete when its manifest is there, which is made last and in one step. Ids
/// decide what comes after what; nothing depends on the clock.
///
/// **Invariant**: at every moment, also after a crash of the process or the machine, the directory
/// holds the latest complete checkpoint whole, and no id up to that of a checkpoint that was begun
/// is given out again.
///
/// | Call                          | Waits        | When the disk refuses                    |
/// |-------------------------------|--------------|------------------------------------------|
/// | [#open]                       | for the disk | throws [StateDirectoryException]         |
/// | [#begin], [#finished]         | for the disk | throws [IOException]; may be called again |
/// | [CheckpointDraft#complete]    | for the disk | throws [IOException]; the latest remains |
/// | [CheckpointDraft#abort], [#close] | for the disk | what cannot be removed now is removed later |
/// | [#latest], [#nextId]          | no           |                                          |
///
/// **Threads.** Any. The format is described in `docs/checkpoint-format.md`.
public final class StateDirectory implements AutoCloseable {
    private final Path path;
    private final CheckpointFiles files;
    private final Disk.Lock lock;
    private final Found found;
    private final int retained;
    private final String runId;
    private final String jobName;

    private volatile long highest;
    private volatile @Nullable CheckpointManifest latest;

    private final Object guard = new Object();
    // guarded by guard, as are all changes of the directory
    private JobRunFile run;
    private final TreeMap<Long, Set<String>> complete;
    private final Map<Long, CheckpointDraft> underWay = new HashMap<>();

    /// Where checkpoints have runs that are in use.
    private final Map<RunFile, String> runPaths = new IdentityHashMap<>();

    private boolean closed;

    /// @param run as it is on the disk
    /// @param complete the state files that the complete checkpoints of the run name
    StateDirectory(
            Request request,
            CheckpointFiles files,
            Disk.Lock lock,
            Found found,
            JobRunFile run,
            TreeMap<Long, Set<String>> complete,
            @Nullable CheckpointManifest latest) {
        this.path = request.directory();
        this.retained = request.retained();
        this.files = files;
        this.lock = lock;
        this.found = found;
        this.run = run;
        this.runId = run.runId();
        this.jobName = run.jobName();
        this.highest = run.highest();
        this.complete = complete;
        this.latest = latest;
    }

    /// How to open a directory.
    ///
    /// @param jobName whose state it must be
    /// @param retained complete checkpoints kept, at least 1
    /// @param force begin anew although the directory is another job's, holds other files, or its
    ///   checkpoints are all damaged; the state that is there is removed, other files are not. No
    ///   whole checkpoint of the same job is given up
    /// @param checkpoint go on from this one instead of the latest, and give up the later ones; 0
    ///   for the latest
    public record Request(
            Path directory, String jobName, int retained, boolean force, long checkpoint) {
        public Request {
            if (retained < 1) {
                throw new IllegalArgumentException(
                        "retained checkpoints must be at least 1, not " + retained);
            }
            if (checkpoint < 0) {
                throw new IllegalArgumentException("no checkpoint has the id " + checkpoint);
            }
        }
    }

    /// What a directory held when it was opened.
    public enum Found {
        /// Nothing that counts: the job begins.
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
        return open(request, Surroundings.system());
    }

    /// As [#open], but begins a new run whatever the directory holds; its checkpoints are removed.
    ///
    /// @throws StateDirectoryException as [#open]
    public static StateDirectory openAfresh(Request request) {
        return openAfresh(request, Surroundings.system());
    }

    static StateDirectory open(Request request, Surroundings surroundings) {
        return new Opening(request, false, surroundings).open();
    }

    static StateDirectory openAfresh(Request request, Surroundings surroundings) {
        return new Opening(request, true, surroundings).open();
    }

    /// As it was given to [#open].
    public Path path() {
        return path;
    }

    /// 16 hex digits; the same for all starts that go on from one another.
    public String runId() {
        return runId;
    }

    public Found found() {
        return found;
    }

    /// The checkpoint to go on from: at first what was found, later the last one completed. Its
    /// files were verified when the directory was opened.
    public Optional<CheckpointManifest> latest() {
        return Optional.ofNullable(latest);
    }

    /// The id of the next checkpoint: larger than every id that was ever used in this directory. An
    /// id counts as used once [#begin] was called with it.
    public long nextId() {
        return highest + 1;
    }

    /// Begins a checkpoint. Several may be under way; the latest is the one with the highest id.
    /// When it returns, the id is reserved for ever.
    ///
    /// @param id at least [#nextId]
    public CheckpointDraft begin(long id) throws IOException {
        synchronized (guard) {
            if (id <= highest || id > CheckpointNames.MAX_ID) {
                throw new IllegalArgumentException(
                        "checkpoint " + id + " cannot begin: the next id is " + nextId());
            }
            if (run.status() == JobRunFile.Status.FINISHED) {
                throw new IllegalStateException(
                        "checkpoint " + id + " cannot begin: the run has finished");
            }
            highest = id;
            try {
                requireHeld();
                files.createDirectory(id);
            } catch (IOException e) {
                throw failed("checkpoint " + id + " cannot begin", e);
            }
            CheckpointDraft draft = new CheckpointDraft(this, files, id);
            underWay.put(id, draft);
            return draft;
        }
    }

    /// Opens a state file that a manifest names.
    public SeekableByteChannel openFile(CheckpointManifest.StateFile file) throws IOException {
        return files.open(file);
    }

    /// Opens a run that a manifest names.
    public RunFile openRun(CheckpointManifest.StateFile file) throws IOException {
        RunFile opened = SavedRunFile.open(file.path(), () -> files.open(file));
        remember(opened, file.path());
        return opened;
    }

    void remember(RunFile run, String path) {
        synchronized (guard) {
            runPaths.put(run, path);
        }
    }

    /// Where the latest complete checkpoint has a run, or null.
    @Nullable String pathOf(RunFile run) {
        synchronized (guard) {
            String path = runPaths.get(run);
            return path != null
                            && !complete.isEmpty()
                            && complete.lastEntry().getValue().contains(path)
                    ? path
                    : null;
        }
    }

    /// Notes that the run has finished: the next start begins anew. No checkpoint begins after it.
    public void finished() throws IOException {
        synchronized (guard) {
            try {
                requireHeld();
                writeRun(run.with(JobRunFile.Status.FINISHED).withHighest(highest));
            } catch (IOException e) {
                throw failed("the end of the run cannot be noted", e);
            }
        }
    }

    /// Lets another job have the directory. Checkpoints under way are aborted.
    @Override
    public void close() {
        List<CheckpointDraft> drafts;
        synchronized (guard) {
            drafts = List.copyOf(underWay.values());
        }
        drafts.forEach(CheckpointDraft::abort);
        synchronized (guard) {
            if (!closed) {
                closed = true;
                lock.release();
            }
        }
    }

    void complete(CheckpointDraft draft, CheckpointManifest manifest) throws IOException {
        long id = draft.id();
        if (manifest.id() != id
                || !manifest.runId().equals(runId)
                || !manifest.jobName().equals(jobName)) {
            throw new IllegalArgumentException(
                    "the manifest of checkpoint "
                            + manifest.id()
                            + " of run "
                            + manifest.runId()
                            + " of job "
                            + TabbedText.quote(manifest.jobName())
                            + " is not that of checkpoint "
                            + id
                            + " of run "
                            + runId
                            + " of job "
                            + TabbedText.quote(jobName));
        }
        byte[] text = ManifestText.of(manifest);
        try {
            synchronized (guard) {
                requireHeld();
            }
            draft.force(manifest); // may take long; others may begin and abort meanwhile
        } catch (IOException e) {
            throw failed("checkpoint " + id + " cannot be completed", e);
        }
        synchronized (guard) {
            try {
                requireHeld();
                draft.requireWriting();
                writeManifest(id, text);
            } catch (IOException e) {
                throw failed("checkpoint " + id + " cannot be completed", e);
            }
            draft.completed();
            underWay.remove(id);
            complete.put(id, CheckpointFiles.paths(manifest));
            runPaths.values().retainAll(CheckpointFiles.paths(manifest));
            CheckpointManifest before = latest;
            if (before == null || before.id() < id) {
                latest = manifest;
            }
            retain();
        }
    }

    private void writeManifest(long id, byte[] text) throws IOException {
        try {
            files.writeManifest(id, text);
        } catch (IOException e) {
            try {
                files.removeManifest(id);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    @SuppressWarnings("EmptyCatch") // said in the comment
    void abort(CheckpointDraft draft) {
        synchronized (guard) {
            if (closed || underWay.remove(draft.id()) == null) {
                return;
            }
            try {
                if (lock.intact()) {
                    remove(draft.id(), keptPaths());
                }
            } catch (IOException e) {
                // without a manifest it is no checkpoint; what is left is removed later
            }
        }
    }

    /// Removes all but the newest complete checkpoints and those under way. What cannot be removed
    /// does no harm and is tried again after the next checkpoint.
    @SuppressWarnings("EmptyCatch") // said above
    private void retain() {
        while (complete.size() > retained) {
            complete.pollFirstEntry();
        }
        Set<String> kept = keptPaths();
        try {
            Set<Long> ids = files.ids();
            ids.removeAll(complete.keySet());
            ids.removeAll(underWay.keySet());
            // all manifests first: a later one may name files of an earlier checkpoint
            for (long id : ids) {
                files.removeManifest(id);
            }
            for (long id : ids) {
                remove(id, kept);
            }
        } catch (IOException e) {
            // the new checkpoint is complete nevertheless
        }
    }

    private Set<String> keptPaths() {
        Set<String> kept = new HashSet<>();
        complete.values().forEach(kept::addAll);
        return kept;
    }

    /// Removes a checkpoint, but not the memory of its id.
    private void remove(long id, Set<String> kept) throws IOException {
        files.removeManifest(id);
        long remembered = Math.max(run.highest(), complete.isEmpty() ? 0 : complete.lastKey());
        if (id > remembered) {
            writeRun(run.withHighest(highest));
        }
        files.remove(id, kept);
    }

    private void writeRun(JobRunFile changed) throws IOException {
        files.writeRun(changed);
        run = changed;
    }

    /// @throws IOException when another process may have begun to use the directory
    private void requireHeld() throws IOException {
        if (closed) {
            throw new IllegalStateException("state directory " + path + " is closed");
        }
        if (!lock.intact()) {
            throw new IOException(
                    "its lock file was removed or replaced while this job ran in it. Do not remove"
                            + " files from a state directory in use; stop this job and start it"
                            + " again");
        }
    }

    private IOException failed(String what, IOException e) {
        return new IOException("state directory " + path + ": " + what + ": " + Reasons.of(e), e);
    }
}
