package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a state directory holds, read without taking it: a job may be running in it.
///
/// @param jobName whose state it is; empty when the run file is damaged, which is a problem then
/// @param runId empty when the run file is damaged
/// @param finished whether its last run has finished
/// @param heldBy the process that holds the directory now, as `4711`, or `unknown` when its lock
///   file does not say; null when none does
/// @param checkpoints the complete ones of the run, newest first
/// @param problems of the directory as a whole
public record StateReport(
        Path directory,
        String jobName,
        String runId,
        boolean finished,
        @Nullable String heldBy,
        List<CheckpointReport> checkpoints,
        List<String> problems) {
    public StateReport {
        checkpoints = List.copyOf(checkpoints);
        problems = List.copyOf(problems);
    }

    /// One checkpoint.
    ///
    /// @param bytes of all its files
    /// @param manifest null when it cannot be read; bytes and files are those in its directory then
    /// @param states those in the files that can be read
    /// @param problems what is damaged or missing, each with file and place; empty for a whole one
    public record CheckpointReport(
            long id,
            long bytes,
            int files,
            @Nullable CheckpointManifest manifest,
            List<StoredState> states,
            List<String> problems) {
        public CheckpointReport {
            states = List.copyOf(states);
            problems = List.copyOf(problems);
        }
    }

    /// Reads the directory and verifies every checksum. A checkpoint that its job removes meanwhile
    /// is left out.
    ///
    /// @throws StateDirectoryException when it is no state directory or cannot be read
    public static StateReport of(Path directory) {
        return of(directory, Disk.SYSTEM, StateFileCheck.CHECKSUMS);
    }

    /// As [#of], but looks only at the ends of the state files: damage further in is not found.
    ///
    /// @throws StateDirectoryException when it is no state directory or cannot be read
    public static StateReport unverified(Path directory) {
        return of(directory, Disk.SYSTEM, (in, name) -> {});
    }

    static StateReport of(Path directory, Disk disk, StateFileCheck check) {
        try {
            Path root = disk.realPath(directory);
            if (disk.kind(root) != Disk.Kind.DIRECTORY) {
                throw refused(directory, " is a file, not a state directory.");
            }
            CheckpointFiles files = new CheckpointFiles(disk, root, check);
            Contents contents = Contents.of(files);
            if (contents.foreignRun()
                    || (contents.run() == null && contents.runProblem().isEmpty())) {
                throw refused(
                        directory,
                        " is not a state directory: it holds no run of a job. Give the directory"
                                + " that was given to the job as --state.");
            }
            LockHolder holder = disk.holder(root.resolve(CheckpointNames.LOCK));
            return of(directory, files, contents, holder);
        } catch (IOException e) {
            throw new StateDirectoryException(
                    "state directory "
                            + directory
                            + " cannot be read: "
                            + Reasons.of(e)
                            + ". Give a directory that this user may read.",
                    e);
        }
    }

    private static StateReport of(
            Path directory, CheckpointFiles files, Contents contents, @Nullable LockHolder holder)
            throws IOException {
        String heldBy = null;
        if (holder != null) {
            heldBy = holder.pid() == 0 ? "unknown" : Long.toString(holder.pid());
        }
        JobRunFile run = contents.run();
        if (run == null) {
            return new StateReport(
                    directory, "", "", false, heldBy, List.of(), List.of(contents.runProblem()));
        }
        List<CheckpointReport> checkpoints = new ArrayList<>();
        for (long id : contents.ids().descendingSet()) {
            if (!run.isVoid(id) && files.hasManifest(id)) {
                CheckpointReport checkpoint = of(id, files, run);
                if (checkpoint.problems().isEmpty() || files.hasManifest(id)) {
                    checkpoints.add(checkpoint);
                }
            }
        }
        return new StateReport(
                directory,
                run.jobName(),
                run.runId(),
                run.status() == JobRunFile.Status.FINISHED,
                heldBy,
                checkpoints,
                List.of());
    }

    private static CheckpointReport of(long id, CheckpointFiles files, JobRunFile run) {
        CheckpointManifest manifest;
        try {
            manifest = files.readManifest(id, run);
        } catch (IOException e) {
            return unreadable(id, files, Reasons.of(e));
        }
        return new CheckpointReport(
                id,
                manifest.stateBytes(),
                CheckpointFiles.paths(manifest).size(),
                manifest,
                StoredStates.of(files, manifest),
                files.problems(manifest));
    }

    private static CheckpointReport unreadable(long id, CheckpointFiles files, String problem) {
        List<String> problems = new ArrayList<>(List.of(problem));
        long bytes = 0;
        int count = 0;
        try {
            Path directory = files.directory(id);
            for (String name : files.disk().list(directory)) {
                if (CheckpointNames.isStateFile(name)) {
                    bytes += files.disk().size(directory.resolve(name));
                    count++;
                }
            }
        } catch (IOException e) {
            problems.add(Reasons.of(e));
        }
        return new CheckpointReport(id, bytes, count, null, List.of(), problems);
    }

    private static StateDirectoryException refused(Path directory, String problem) {
        return new StateDirectoryException(directory + problem, null);
    }
}
