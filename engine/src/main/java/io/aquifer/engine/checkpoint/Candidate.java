package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// A checkpoint of a run that has a manifest, whole or damaged. Verified when it is first asked
/// for, since that reads all its files.
final class Candidate {
    private final CheckpointFiles files;
    private final long id;
    private final @Nullable CheckpointManifest manifest;
    private final String manifestProblem;
    private @Nullable String problem;

    private Candidate(
            CheckpointFiles files,
            long id,
            @Nullable CheckpointManifest manifest,
            String manifestProblem) {
        this.files = files;
        this.id = id;
        this.manifest = manifest;
        this.manifestProblem = manifestProblem;
    }

    /// Those that count in `run`.
    static TreeMap<Long, Candidate> of(CheckpointFiles files, Contents contents, JobRunFile run)
            throws IOException {
        TreeMap<Long, Candidate> candidates = new TreeMap<>();
        for (long id : contents.ids()) {
            if (!run.isVoid(id) && files.hasManifest(id)) {
                candidates.put(id, read(files, id, run));
            }
        }
        return candidates;
    }

    private static Candidate read(CheckpointFiles files, long id, JobRunFile run) {
        try {
            return new Candidate(files, id, files.readManifest(id, run), "");
        } catch (IOException e) {
            return new Candidate(files, id, null, Reasons.of(e));
        }
    }

    long id() {
        return id;
    }

    @Nullable CheckpointManifest manifest() {
        return manifest;
    }

    /// The state files it names; none when the manifest cannot be read.
    Set<String> paths() {
        return manifest == null ? Set.of() : CheckpointFiles.paths(manifest);
    }

    /// What is wrong with it, with file and place; empty when it is whole.
    String problem() {
        if (problem == null) {
            problem = manifest == null ? manifestProblem : first(files.problems(manifest));
        }
        return problem;
    }

    private static String first(List<String> problems) {
        return switch (problems.size()) {
            case 0 -> "";
            case 1 -> problems.get(0);
            default -> problems.get(0) + " (and " + (problems.size() - 1) + " more)";
        };
    }

    /// `, 12 s older`; empty when that cannot be told.
    String olderThan(Candidate later) {
        if (manifest == null || later.manifest == null) {
            return "";
        }
        long seconds = Duration.between(manifest.started(), later.manifest.started()).toSeconds();
        if (seconds < 0) {
            return "";
        }
        if (seconds < 120) {
            return ", " + seconds + " s older";
        }
        long minutes = seconds / 60;
        return minutes < 120 ? ", " + minutes + " min older" : ", " + minutes / 60 + " h older";
    }
}
