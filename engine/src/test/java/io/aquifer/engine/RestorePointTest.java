package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.checkpoint.CheckpointDraft;
import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateDirectory;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateFileWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a subtask opens of a checkpoint.
class RestorePointTest {
    private static final int GROUPS = 128;
    private static final int SUBTASKS = 4;

    @TempDir Path directory;

    private final JobGraph graph = graph();
    private final OperatorIds ids = new OperatorIds(graph);
    private final StreamNode node = graph.nodes().getLast();

    private static JobGraph graph() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(1, 9).keyBy(value -> value).reduce(Long::sum);
        return env.graph("restored");
    }

    /// A checkpoint with a file of each subtask.
    private CheckpointManifest checkpoint(StateDirectory state) throws IOException {
        CheckpointDraft draft = state.begin(state.nextId());
        List<StateFile> files = new ArrayList<>();
        for (int subtask = 0; subtask < SUBTASKS; subtask++) {
            KeyGroupRange groups = KeyGroupRange.of(subtask, SUBTASKS, GROUPS);
            try (StateFileWriter out =
                    new StateFileWriter(
                            draft.create(ids.of(node), subtask),
                            new StateFileHeader(
                                    ids.of(node),
                                    subtask,
                                    GROUPS,
                                    groups.first(),
                                    groups.last()))) {
                files.add(draft.file(ids.of(node), subtask, out.finish()));
            }
        }
        List<OperatorState> operators = new ArrayList<>();
        for (StreamNode each : graph.nodes()) {
            operators.add(
                    new OperatorState(
                            ids.of(each),
                            each.name(),
                            OperatorIds.type(each),
                            SUBTASKS,
                            GROUPS,
                            0,
                            List.of(),
                            each == node ? files : List.of(),
                            List.of()));
        }
        draft.complete(
                new CheckpointManifest(
                        draft.id(),
                        state.runId(),
                        "restored",
                        CheckpointManifest.Kind.PERIODIC,
                        Instant.EPOCH,
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        Map.of(),
                        Map.of(),
                        operators));
        return state.latest().orElseThrow();
    }

    private StateDirectory openDirectory() {
        return StateDirectory.open(
                new StateDirectory.Request(directory.resolve("state"), "restored", 3, false, 0));
    }

    private static OwnedKeys<Thread.State> enumKeys(int subtask, int parallelism) {
        return new OwnedKeys<>(
                TypeInformation.of(Thread.State.class),
                KeyGroupRange.of(subtask, parallelism, GROUPS));
    }

    private static OwnedKeys<Long> keys(int subtask, int parallelism) {
        return new OwnedKeys<>(
                TypeInformation.of(Long.class), KeyGroupRange.of(subtask, parallelism, GROUPS));
    }

    private int opened(RestorePoint restored, RestoredState.KeyOwner owner) throws IOException {
        List<StateFileReader> readers = restored.open(node, owner);
        for (StateFileReader reader : readers) {
            reader.close();
        }
        return readers.size();
    }

    @Test
    void filesOfOtherKeyGroups_areNotOpened() throws Exception {
        try (StateDirectory state = openDirectory()) {
            RestorePoint restored = RestorePoint.of(state, checkpoint(state), graph, ids);
            assertThat(opened(restored, keys(0, 1))).isEqualTo(4);
            assertThat(opened(restored, keys(1, 4))).isEqualTo(1);
            assertThat(opened(restored, keys(1, 3))).isEqualTo(2);
        }
    }

    @Test
    void keysWithAnEnum_areLookedForInEveryFile() throws Exception {
        try (StateDirectory state = openDirectory()) {
            RestorePoint restored = RestorePoint.of(state, checkpoint(state), graph, ids);
            assertThat(opened(restored, enumKeys(1, 4))).isEqualTo(4);
            for (StateFileReader reader : restored.open(node, enumKeys(1, 4))) {
                assertThat(enumKeys(1, 4).ownsAll(reader.header())).isFalse();
                reader.close();
            }
        }
    }

    @Test
    void fileThatIsGone_isNamedAndLeavesNoFileOpen() throws Exception {
        try (StateDirectory state = openDirectory()) {
            CheckpointManifest manifest = checkpoint(state);
            StateFile last = manifest.operators().getLast().files().getLast();
            Files.delete(state.path().resolve(last.path()));
            RestorePoint restored = RestorePoint.of(state, manifest, graph, ids);
            assertThatThrownBy(() -> restored.open(node, keys(0, 1)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("cannot read " + last.path() + " of the checkpoint");
            assertThat(openFiles()).noneMatch(name -> name.endsWith(".state"));
        }
    }

    private List<String> openFiles() throws IOException {
        List<String> open = new ArrayList<>();
        Path descriptors = Path.of("/proc/self/fd");
        if (Files.isDirectory(descriptors)) {
            try (Stream<Path> all = Files.list(descriptors)) {
                for (Path descriptor : all.toList()) {
                    if (Files.isSymbolicLink(descriptor)) {
                        open.add(Files.readSymbolicLink(descriptor).toString());
                    }
                }
            }
        }
        return open.stream().filter(name -> name.startsWith(directory.toString())).toList();
    }
}
