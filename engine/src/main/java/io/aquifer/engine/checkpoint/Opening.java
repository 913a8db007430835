package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.StateDirectory.Found;
import io.aquifer.engine.checkpoint.StateDirectory.Request;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Opens a state directory: looks, refuses if it must, takes the lock, looks again, and only then
/// changes something. The one change that decides is the replacing of the run file; what is removed
/// afterwards is void by then.
final class Opening {
    private final Request request;
    private final boolean afresh;
    private final Surroundings surroundings;
    private final Disk disk;

    /// @param afresh whether to begin a new run whatever is there
    Opening(Request request, boolean afresh, Surroundings surroundings) {
        this.request = request;
        this.afresh = afresh;
        this.surroundings = surroundings;
        this.disk = surroundings.disk();
    }

    StateDirectory open() {
        try {
            CheckpointFiles files = files();
            Refusals.check(request, Contents.of(files));
            return hold(files);
        } catch (DirectoryInUseException e) {
            throw new StateDirectoryException(
                    Refusals.of(request)
                            + " is in use by "
                            + e.holder()
                            + ". Stop it first, or choose another directory.",
                    e);
        } catch (IOException e) {
            throw new StateDirectoryException(
                    Refusals.of(request)
                            + " cannot be used: "
                            + Reasons.of(e)
                            + ". Make it a directory that this user may read and write, with space"
                            + " left, or choose another directory.",
                    e);
        }
    }

    private CheckpointFiles files() throws IOException {
        Path root;
        try {
            root = disk.realPath(request.directory());
        } catch (NoSuchFileException e) {
            Path plain = request.directory().toAbsolutePath().normalize();
            createDirectories(plain);
            root = disk.realPath(plain);
        }
        if (disk.kind(root) != Disk.Kind.DIRECTORY) {
            throw new StateDirectoryException(
                    Refusals.of(request) + " is a file. Choose another directory.", null);
        }
        return new CheckpointFiles(disk, root, surroundings.check());
    }

    private void createDirectories(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = directory;
                at != null && disk.kind(at) == Disk.Kind.NONE;
                at = at.getParent()) {
            missing.push(at);
        }
        for (Path create : missing) {
            disk.createDirectory(create);
            Path parent = create.getParent();
            if (parent != null) {
                disk.forceDirectory(parent);
            }
        }
    }

    private StateDirectory hold(CheckpointFiles files) throws IOException {
        LockHolder me = new LockHolder(surroundings.pid(), surroundings.clock().instant());
        Disk.Lock lock = disk.lock(files.root().resolve(CheckpointNames.LOCK), me);
        boolean opened = false;
        try {
            StateDirectory directory = decide(files, lock);
            opened = true;
            return directory;
        } finally {
            if (!opened) {
                lock.release();
            }
        }
    }

    private StateDirectory decide(CheckpointFiles files, Disk.Lock lock) throws IOException {
        Contents contents = Contents.of(files);
        Refusals.check(request, contents);
        JobRunFile found = contents.run();
        if (found == null || afresh || !found.jobName().equals(request.jobName())) {
            return begin(files, lock, contents, Found.NOTHING);
        }
        TreeMap<Long, Candidate> candidates = Candidate.of(files, contents, found);
        if (request.checkpoint() != 0) {
            Candidate chosen = Refusals.chosen(request, candidates);
            return goOn(files, lock, contents, found, candidates, chosen);
        }
        if (found.status() == JobRunFile.Status.FINISHED) {
            return begin(files, lock, contents, Found.FINISHED_RUN);
        }
        if (candidates.isEmpty()) {
            return goOn(files, lock, contents, found, candidates, null);
        }
        Candidate latest = candidates.lastEntry().getValue();
        if (!latest.problem().isEmpty()) {
            Refusals.damaged(request, latest, candidates);
            return begin(files, lock, contents, Found.NOTHING);
        }
        return goOn(files, lock, contents, found, candidates, latest);
    }

    private StateDirectory begin(
            CheckpointFiles files, Disk.Lock lock, Contents contents, Found found)
            throws IOException {
        String runId = HexFormat.of().toHexDigits(surroundings.random().nextLong());
        if (contents.run() == null) {
            forceAncestors(files.root());
        }
        JobRunFile run = JobRunFile.begin(runId, request.jobName(), contents.highestId());
        files.writeRun(run);
        removeAllBut(files, new TreeMap<>());
        return new StateDirectory(request, files, lock, found, run, new TreeMap<>(), null);
    }

    private StateDirectory goOn(
            CheckpointFiles files,
            Disk.Lock lock,
            Contents contents,
            JobRunFile found,
            TreeMap<Long, Candidate> candidates,
            @Nullable Candidate from)
            throws IOException {
        JobRunFile run = found.withHighest(contents.highestId());
        if (from != null && request.checkpoint() != 0) {
            run = run.backTo(from.id());
        }
        if (from != null) {
            // a process may have been killed between making and forcing the manifest
            disk.forceDirectory(files.directory(from.id()));
        }
        if (run.equals(found)) {
            disk.forceDirectory(files.root());
        } else {
            files.writeRun(run);
        }
        TreeMap<Long, Set<String>> complete = new TreeMap<>();
        for (Candidate candidate : candidates.values()) {
            if (!run.isVoid(candidate.id())) {
                complete.put(candidate.id(), candidate.paths());
            }
        }
        removeAllBut(files, complete);
        return new StateDirectory(
                request,
                files,
                lock,
                from == null ? Found.NO_CHECKPOINT : Found.CHECKPOINT,
                run,
                complete,
                from == null ? null : from.manifest());
    }

    /// A directory may have been made just before the machine, or this process, was stopped, and
    /// not be durable yet. Not every ancestor can be opened; those that can are enough, since who
    /// made a directory in one could.
    @SuppressWarnings("EmptyCatch") // said above
    private void forceAncestors(Path root) {
        for (Path at = root.getParent(); at != null; at = at.getParent()) {
            try {
                disk.forceDirectory(at);
            } catch (IOException e) {
                // said above
            }
        }
    }

    /// Removes void and incomplete checkpoints, and files that were never renamed. What cannot be
    /// removed does no harm and is tried again after the next checkpoint, or at the next start.
    @SuppressWarnings("EmptyCatch") // said above
    private static void removeAllBut(CheckpointFiles files, TreeMap<Long, Set<String>> complete) {
        Set<String> kept = new TreeSet<>();
        complete.values().forEach(kept::addAll);
        try {
            for (long id : files.ids()) {
                if (complete.containsKey(id)) {
                    files.removeInProgress(files.directory(id), CheckpointNames.MANIFEST);
                } else {
                    files.remove(id, kept);
                }
            }
            files.removeInProgress(files.root(), CheckpointNames.RUN);
        } catch (IOException e) {
            // said above
        }
    }
}
