package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The states and entries of a checkpoint whose directory others have.
class CheckpointViewTest {
    private static final StateSection KEY = new StateSection("key", Kind.OPERATOR, 0, "", "text");

    @TempDir Path temp;

    private StateDirectory open() {
        return StateDirectory.open(
                Samples.request(temp.resolve("state")), Samples.surroundings(Disk.SYSTEM, 1));
    }

    /// One operator of two subtasks, each with a value and two windows of one name.
    private static void checkpoint(StateDirectory directory) throws IOException {
        CheckpointDraft draft = directory.begin(directory.nextId());
        List<StateFile> files = new ArrayList<>();
        for (int subtask = 0; subtask < 2; subtask++) {
            StateFileHeader header =
                    new StateFileHeader("op-0", subtask, 128, 64 * subtask, 64 * subtask + 63);
            try (StateFileWriter out = new StateFileWriter(draft.create("op-0", subtask), header)) {
                out.begin(KEY);
                out.begin(new StateSection("sum", Kind.VALUE, 0, "", "long"));
                write(out, "a" + subtask);
                for (long window = 1; window <= 2; window++) {
                    out.begin(new StateSection("sum", Kind.WINDOW_VALUE, window, "", "long"));
                    write(out, "b" + subtask);
                    write(out, "c" + subtask);
                }
                files.add(draft.file("op-0", subtask, out.finish()));
            }
        }
        CheckpointManifest one =
                Samples.manifest(directory, "flights", draft.id(), files.subList(0, 1));
        CheckpointManifest.OperatorState operator = one.operators().getFirst();
        draft.complete(
                new CheckpointManifest(
                        one.id(),
                        one.runId(),
                        one.jobName(),
                        one.kind(),
                        one.started(),
                        one.took(),
                        one.interval(),
                        one.sourceRecords(),
                        one.rejects(),
                        one.counters(),
                        List.of(
                                new CheckpointManifest.OperatorState(
                                        operator.id(),
                                        operator.name(),
                                        operator.type(),
                                        2,
                                        128,
                                        5,
                                        List.of(),
                                        files,
                                        List.of()))));
    }

    private static void write(StateFileWriter out, String key) throws IOException {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        out.entry(bytes, 0, bytes.length, bytes, 0, 1);
    }

    private StateReport report() {
        return StateReport.unverified(temp.resolve("state"));
    }

    private static List<String> entries(CheckpointView view, StoredState state) throws IOException {
        List<String> entries = new ArrayList<>();
        view.forEach(
                state,
                (section, subtask, entry) -> {
                    entries.add(
                            section.window()
                                    + " "
                                    + subtask
                                    + " "
                                    + new String(
                                            entry.buffer(),
                                            entry.keyOffset(),
                                            entry.keyLength(),
                                            StandardCharsets.UTF_8));
                    return entries.size() < 6;
                });
        return entries;
    }

    @Test
    void states_addUpSubtasksAndWindows() throws IOException {
        try (StateDirectory directory = open()) {
            checkpoint(directory);
            StateReport report = report();
            CheckpointView view = CheckpointView.of(report, 1);
            assertThat(view.states()).isEqualTo(report.checkpoints().getFirst().states());
            assertThat(view.states())
                    .containsExactly(
                            new StoredState(
                                    "op-0",
                                    "Op 0",
                                    Kind.VALUE,
                                    "sum",
                                    "text",
                                    "",
                                    "long",
                                    2,
                                    true,
                                    2 * (36 + 5),
                                    0,
                                    0,
                                    127,
                                    128),
                            new StoredState(
                                    "op-0",
                                    "Op 0",
                                    Kind.WINDOW_VALUE,
                                    "sum",
                                    "text",
                                    "",
                                    "long",
                                    8,
                                    true,
                                    4 * (36 + 2 * 5),
                                    2,
                                    0,
                                    127,
                                    128));
            assertThat(entries(view, view.states().getFirst())).containsExactly("0 0 a0", "0 1 a1");
            assertThat(entries(view, view.states().getLast()))
                    .as("the visitor ends it")
                    .containsExactly("1 0 b0", "1 0 c0", "2 0 b0", "2 0 c0", "1 1 b1", "1 1 c1");
        }
    }

    @Test
    void forEach_ofACheckpointThatIsGoneOrDamaged_saysWhich() throws IOException {
        try (StateDirectory directory = open()) {
            checkpoint(directory);
        }
        CheckpointView view = CheckpointView.of(report(), 1);
        StoredState state = view.states().getFirst();
        Path file = temp.resolve("state/chk-000001/op-0-1.state");
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = whole.clone();
        damaged[60]++;
        Files.write(file, damaged);
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> entries(view, state))
                .withMessageStartingWith(
                        temp.resolve("state")
                                + ": checkpoint 1 cannot be read: state file"
                                + " 'chk-000001/op-0-1.state' is damaged at byte 48: block 0 of 3,")
                .withMessageEndingWith(". See what else is damaged with --verify.");
        Files.delete(file);
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> entries(view, state))
                .withMessage(
                        temp.resolve("state")
                                + ": checkpoint 1 has no file chk-000001/op-0-1.state any more. If"
                                + " its job is running, it has removed the checkpoint meanwhile:"
                                + " ask for a newer one.");
        assertThat(view.states().getFirst().entries()).as("what is left").isEqualTo(1);
        assertThatThrownBy(() -> CheckpointView.of(report(), 2))
                .hasMessage("there is no whole manifest of checkpoint 2");
    }

    @Test
    void forEach_whatTheVisitorThrows_comesThrough() throws IOException {
        try (StateDirectory directory = open()) {
            checkpoint(directory);
        }
        CheckpointView view = CheckpointView.of(report(), 1);
        IOException refusal = new IOException("no more");
        assertThatThrownBy(
                        () ->
                                view.forEach(
                                        view.states().getFirst(),
                                        (section, subtask, entry) -> {
                                            throw refusal;
                                        }))
                .isSameAs(refusal);
    }
}
