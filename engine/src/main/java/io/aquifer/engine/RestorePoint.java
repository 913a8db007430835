package io.aquifer.engine;

import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.StateDirectory;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.RunSummary;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What an attempt goes on from: a checkpoint whose operators were found again in the job, or
/// nothing. Immutable; any thread.
final class RestorePoint {
    /// The section of an operator's own state.
    static final StateSection OPERATOR_STATE =
            new StateSection("operator", StateSection.Kind.OPERATOR, 0, "", "");

    private static final RestorePoint NOTHING = new RestorePoint(null, null, Map.of());

    private final @Nullable StateDirectory directory;
    private final @Nullable CheckpointManifest manifest;
    private final Map<StreamNode, OperatorState> operators;

    private RestorePoint(
            @Nullable StateDirectory directory,
            @Nullable CheckpointManifest manifest,
            Map<StreamNode, OperatorState> operators) {
        this.directory = directory;
        this.manifest = manifest;
        this.operators = operators;
    }

    static RestorePoint nothing() {
        return NOTHING;
    }

    /// Finds the job's operators in a checkpoint.
    ///
    /// @throws StateDirectoryException when they are not the same; it names the first that differs
    static RestorePoint of(
            StateDirectory directory,
            CheckpointManifest manifest,
            JobGraph graph,
            OperatorIds ids) {
        Map<String, OperatorState> saved = new HashMap<>();
        manifest.operators().forEach(operator -> saved.put(operator.id(), operator));
        Map<StreamNode, OperatorState> operators = new HashMap<>();
        for (StreamNode node : graph.nodes()) {
            OperatorState operator = saved.remove(ids.of(node));
            String type = OperatorIds.type(node);
            if (operator == null) {
                throw differs(
                        directory,
                        manifest,
                        "it has no operator \"%s\", which the job has as %s"
                                .formatted(ids.of(node), node));
            }
            if (!operator.type().equals(type)) {
                throw differs(
                        directory,
                        manifest,
                        "its operator \"%s\" is '%s' (%s), and the job's is %s (%s)"
                                .formatted(
                                        operator.id(),
                                        operator.name(),
                                        operator.type(),
                                        node,
                                        type));
            }
            operators.put(node, operator);
        }
        if (!saved.isEmpty()) {
            OperatorState left = saved.values().iterator().next();
            throw differs(
                    directory,
                    manifest,
                    "its operator \"%s\", '%s' (%s), is not in the job"
                            .formatted(left.id(), left.name(), left.type()));
        }
        return new RestorePoint(directory, manifest, operators);
    }

    private static StateDirectoryException differs(
            StateDirectory directory, CheckpointManifest manifest, String how) {
        return new StateDirectoryException(
                "cannot go on from checkpoint %d in %s: %s. Run the program and the arguments that it was made with, use another state directory, or start afresh with --force; what is written there now is then given up."
                        .formatted(manifest.id(), directory.path(), how),
                null);
    }

    /// The checkpoint's number, 0 for nothing.
    long checkpoint() {
        CheckpointManifest from = manifest;
        return from == null ? 0 : from.id();
    }

    @Nullable CheckpointManifest manifest() {
        return manifest;
    }

    /// What an operator had passed on; [Long#MIN_VALUE] when that is not known, and when its input
    /// had ended, since the end will come again.
    long watermark(StreamNode node) {
        OperatorState operator = operators.get(node);
        return operator == null || operator.watermark() == Long.MAX_VALUE
                ? Long.MIN_VALUE
                : operator.watermark();
    }

    /// The number of key groups an operator's state was divided into, 0 when that is not known.
    int maxParallelism(StreamNode node) {
        OperatorState operator = operators.get(node);
        return operator == null ? 0 : operator.maxParallelism();
    }

    /// What a sink has to make visible before anything else.
    List<String> committables(StreamNode node) {
        OperatorState operator = operators.get(node);
        return operator == null ? List.of() : operator.committables();
    }

    /// How far each of a source's splits had been read, or an empty list.
    ///
    /// @throws StateDirectoryException when the source has other splits now
    List<SplitPosition> positions(StreamNode node, List<SourceSplit> splits) {
        OperatorState operator = operators.get(node);
        StateDirectory from = directory;
        CheckpointManifest of = manifest;
        if (operator == null || from == null || of == null) {
            return List.of();
        }
        List<SplitPosition> saved = operator.splits();
        for (int i = 0; i < Math.max(saved.size(), splits.size()); i++) {
            String before = i < saved.size() ? text(saved.get(i)) : "nothing";
            String now = i < splits.size() ? text(splits.get(i)) : "nothing";
            if (!before.equals(now)) {
                throw differs(
                        from,
                        of,
                        "the input of %s has changed: part %d was %s and is %s now"
                                .formatted(node, i + 1, before, now));
            }
        }
        return saved;
    }

    private static String text(SplitPosition split) {
        return text(new SourceSplit(split.splitId(), split.start(), split.end()));
    }

    private static String text(SourceSplit split) {
        return split.end() == Long.MAX_VALUE
                ? split.id() + " from " + split.start()
                : split.id() + " from " + split.start() + " to " + split.end();
    }

    /// The state files of an operator that may hold keys of `owner`; the caller closes them.
    List<StateFileReader> open(StreamNode node, RestoredState.KeyOwner owner) {
        List<StateFileReader> readers = new ArrayList<>();
        try {
            for (CheckpointManifest.StateFile file : entryFiles(node)) {
                StateFileReader reader = open(file);
                if (owner.ownsSome(reader.header())) {
                    readers.add(reader);
                } else {
                    close(reader);
                }
            }
        } catch (RuntimeException | Error failed) {
            readers.forEach(RestorePoint::close);
            throw failed;
        }
        return readers;
    }

    /// The states of its own that operators have saved, shared out over the subtasks of now.
    List<byte[]> operatorStates(StreamNode node, SubtaskId subtask) {
        List<byte[]> states = new ArrayList<>();
        for (CheckpointManifest.StateFile file : entryFiles(node)) {
            if (file.subtask() % subtask.parallelism() == subtask.index()) {
                try (StateFileReader reader = open(file)) {
                    if (reader.sections().contains(OPERATOR_STATE)) {
                        StateEntries entry = reader.entries(OPERATOR_STATE);
                        while (entry.next()) {
                            states.add(
                                    Arrays.copyOfRange(
                                            entry.buffer(),
                                            entry.valueOffset(),
                                            entry.valueOffset() + entry.valueLength()));
                        }
                    }
                } catch (IOException failed) {
                    throw unreadable(file, failed);
                }
            }
        }
        return states;
    }

    /// The runs of an operator's state that have some of the key groups, those of one state the
    /// newest first; the caller's, who releases their files.
    List<RestoredRun> openRuns(StreamNode node, KeyGroupRange groups) {
        List<RestoredRun> runs = new ArrayList<>();
        boolean opened = false;
        try {
            for (CheckpointManifest.StateFile file : files(node)) {
                int first = Math.max(groups.first(), file.firstKeyGroup());
                int last = Math.min(groups.last(), file.lastKeyGroup());
                if (file.isRun() && first <= last) {
                    runs.add(openRun(file, first, last));
                }
            }
            opened = true;
            return runs;
        } finally {
            if (!opened) {
                runs.forEach(run -> run.file().release());
            }
        }
    }

    private RestoredRun openRun(CheckpointManifest.StateFile file, int first, int last) {
        StateDirectory from = directory;
        if (from == null) {
            throw new IllegalStateException("nothing to open " + file + " from");
        }
        try {
            RunFile opened = from.openRun(file);
            boolean known = false;
            try {
                StateSection section = RunSummary.of(opened).section();
                known = true;
                return new RestoredRun(file, section, opened, first, last);
            } finally {
                if (!known) {
                    opened.release();
                }
            }
        } catch (IOException failed) {
            throw unreadable(file, failed);
        }
    }

    private List<CheckpointManifest.StateFile> files(StreamNode node) {
        OperatorState operator = operators.get(node);
        return operator == null ? List.of() : operator.files();
    }

    private List<CheckpointManifest.StateFile> entryFiles(StreamNode node) {
        return files(node).stream().filter(file -> !file.isRun()).toList();
    }

    private StateFileReader open(CheckpointManifest.StateFile file) {
        StateDirectory from = directory;
        if (from == null) {
            throw new IllegalStateException("nothing to open " + file + " from");
        }
        try {
            return StateFileReader.open(from.openFile(file), file.path());
        } catch (IOException failed) {
            throw unreadable(file, failed);
        }
    }

    private static UncheckedIOException unreadable(
            CheckpointManifest.StateFile file, IOException failed) {
        return new UncheckedIOException(
                "cannot read " + file.path() + " of the checkpoint: " + failed.getMessage(),
                failed);
    }

    static void close(StateFileReader reader) {
        try {
            reader.close();
        } catch (IOException ignored) {
            // Only read; nothing is lost.
            return;
        }
    }
}
