package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// What a state directory holds at first sight.
///
/// @param run null when there is none that can be read
/// @param runProblem why it cannot be read; empty when it can or there is none
/// @param foreignRun whether the name of the run file is taken by something else
/// @param ids of the checkpoints of which there is a directory, complete or not
/// @param highestId no checkpoint had a higher one
/// @param foreign names that are not Aquifer's
record Contents(
        @Nullable JobRunFile run,
        String runProblem,
        boolean foreignRun,
        TreeSet<Long> ids,
        long highestId,
        List<String> foreign) {

    static Contents of(CheckpointFiles files) throws IOException {
        JobRunFile run = null;
        String runProblem = "";
        boolean foreignRun = false;
        try {
            Disk.Kind kind = files.disk().kind(files.root().resolve(CheckpointNames.RUN));
            if (kind == Disk.Kind.FILE) {
                byte[] content = files.readRun();
                foreignRun = !JobRunFile.isRunFile(content);
                run = foreignRun ? null : JobRunFile.parse(content, CheckpointNames.RUN);
            } else {
                foreignRun = kind != Disk.Kind.NONE;
            }
        } catch (CorruptTextException e) {
            runProblem = Reasons.of(e);
        } catch (NoSuchFileException e) {
            // replaced by its holder at this moment, which the lock will tell
        }
        List<String> foreign = new ArrayList<>();
        long highestId = run == null ? 0 : run.highest();
        for (String name : files.disk().list(files.root())) {
            if (!CheckpointNames.isOwn(name)) {
                foreign.add(name);
            }
            highestId = Math.max(highestId, CheckpointNames.id(name));
        }
        return new Contents(run, runProblem, foreignRun, files.ids(), highestId, foreign);
    }
}
