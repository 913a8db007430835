package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.SavedRunFile;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// The state in one checkpoint, read without taking the directory: a job may be running in it.
///
/// Nothing is kept open between calls. Each call throws [StateDirectoryException] when the
/// checkpoint is damaged where it looks, or was removed by its job meanwhile. **Threads.** Any.
public final class CheckpointView {
    private final Path directory;
    private final CheckpointFiles files;
    private final CheckpointManifest manifest;

    private CheckpointView(Path directory, CheckpointFiles files, CheckpointManifest manifest) {
        this.directory = directory;
        this.files = files;
        this.manifest = manifest;
    }

    /// Receives the entries of a state.
    @FunctionalInterface
    public interface Visitor {
        /// Called once for each entry, in the order of the files.
        ///
        /// @param section with the entry's window
        /// @param subtask that wrote the file
        /// @return whether to go on
        boolean visit(StateSection section, int subtask, StateEntry entry) throws IOException;
    }

    /// @param report of the directory, from a moment ago
    /// @param id of a checkpoint whose manifest could be read
    public static CheckpointView of(StateReport report, long id) {
        return of(report, id, Disk.SYSTEM);
    }

    static CheckpointView of(StateReport report, long id, Disk disk) {
        for (StateReport.CheckpointReport checkpoint : report.checkpoints()) {
            CheckpointManifest manifest = checkpoint.manifest();
            if (checkpoint.id() == id && manifest != null) {
                try {
                    Path root = disk.realPath(report.directory());
                    CheckpointFiles files =
                            new CheckpointFiles(disk, root, StateFileCheck.CHECKSUMS);
                    return new CheckpointView(report.directory(), files, manifest);
                } catch (IOException failed) {
                    throw new StateDirectoryException(
                            "state directory "
                                    + report.directory()
                                    + " cannot be read: "
                                    + Reasons.of(failed),
                            failed);
                }
            }
        }
        throw new IllegalArgumentException("there is no whole manifest of checkpoint " + id);
    }

    public CheckpointManifest manifest() {
        return manifest;
    }

    /// The states of all operators, without their entries.
    public List<StoredState> states() {
        return StoredStates.of(files, manifest);
    }

    /// Goes through all entries of a state, those of one key and window one after another. Holds a
    /// block of a file in memory.
    ///
    /// @throws IOException of the visitor
    public void forEach(StoredState state, Visitor visitor) throws IOException {
        for (OperatorState operator : manifest.operators()) {
            if (operator.id().equals(state.operatorId())) {
                for (StateFile file : operator.files()) {
                    if (!file.isRun() && !forEach(file, state, visitor)) {
                        return;
                    }
                }
                if (!forEachInRuns(operator, state, visitor)) {
                    return;
                }
            }
        }
    }

    private boolean forEachInRuns(OperatorState operator, StoredState state, Visitor visitor)
            throws IOException {
        try (SavedState runs = SavedState.of(manifest, operator, state, this::openRun)) {
            return runs.forEach(visitor);
        }
    }

    private RunFile openRun(StateFile file) {
        try {
            return SavedRunFile.open(file.path(), () -> files.open(file));
        } catch (IOException failed) {
            throw unreadable(file, failed);
        }
    }

    private boolean forEach(StateFile file, StoredState state, Visitor visitor) throws IOException {
        try (StateFileReader reader = open(file)) {
            for (StateSection section : reader.sections()) {
                if (section.kind() == state.kind()
                        && section.name().equals(state.name())
                        && !StoredStates.isKeyType(section)) {
                    StateEntries entry = reader.entries(section);
                    while (next(file, entry)) {
                        if (!visitor.visit(section, reader.header().subtask(), entry)) {
                            return false;
                        }
                    }
                }
            }
            return true;
        }
    }

    private StateFileReader open(StateFile file) {
        try {
            return StateFileReader.open(files.open(file), file.path());
        } catch (IOException failed) {
            throw unreadable(file, failed);
        }
    }

    private boolean next(StateFile file, StateEntries entry) {
        try {
            return entry.next();
        } catch (IOException failed) {
            throw unreadable(file, failed);
        }
    }

    private StateDirectoryException unreadable(StateFile file, IOException failed) {
        String place = directory + ": checkpoint " + manifest.id();
        return switch (failed) {
            case NoSuchFileException gone ->
                    new StateDirectoryException(
                            place
                                    + " has no file "
                                    + file.path()
                                    + " any more. If its job is running, it has removed the"
                                    + " checkpoint meanwhile: ask for a newer one.",
                            failed);
            case CorruptStateFileException damaged ->
                    new StateDirectoryException(
                            place
                                    + " cannot be read: "
                                    + damaged.getMessage()
                                    + ". See what else is damaged with --verify.",
                            failed);
            default ->
                    new StateDirectoryException(
                            place
                                    + " cannot be read: "
                                    + file.path()
                                    + ": "
                                    + Reasons.of(failed)
                                    + ".",
                            failed);
        };
    }
}
