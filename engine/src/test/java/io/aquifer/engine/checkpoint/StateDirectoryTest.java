package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateDirectory.Found;
import io.aquifer.engine.checkpoint.StateDirectory.Request;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What may be found in a directory on a real disk, and what its user reads.
class StateDirectoryTest {
    private static final byte[] WHOLE = {1, -1};

    @TempDir Path temp;

    private static StateDirectory open(Request request) {
        return StateDirectory.open(request, Samples.surroundings(Disk.SYSTEM, 1));
    }

    private Path state() {
        return temp.resolve("state");
    }

    private StateDirectory open() {
        return open(Samples.request(state()));
    }

    private void assertRefused(Request request, String message) throws IOException {
        List<String> before = tree();
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> open(request))
                .withMessage("state directory " + request.directory() + message);
        assertThat(tree()).as("nothing was changed").isEqualTo(before);
    }

    private List<String> tree() throws IOException {
        try (Stream<Path> paths = Files.walk(temp)) {
            return paths.filter(path -> !path.endsWith("lock"))
                    .map(path -> temp.relativize(path) + " " + path.toFile().length())
                    .sorted()
                    .toList();
        }
    }

    private void withCheckpoints(int count) throws IOException {
        try (StateDirectory directory = open()) {
            for (int i = 0; i < count; i++) {
                Samples.checkpoint(directory, 2);
            }
        }
    }

    private void damage(String file) throws IOException {
        byte[] content = Files.readAllBytes(state().resolve(file));
        content[content.length / 2] ^= 0x10;
        Files.write(state().resolve(file), content);
    }

    @Test
    void open_whereNothingIs_makesItWithParents() throws IOException {
        Path deep = temp.resolve("a/b/state");
        try (StateDirectory directory = open(Samples.request(deep))) {
            assertThat(directory.found()).isEqualTo(Found.NOTHING);
            assertThat(directory.latest()).isEmpty();
            assertThat(directory.nextId()).isEqualTo(1);
            assertThat(directory.path()).isEqualTo(deep);
            assertThat(directory.runId()).matches("[0-9a-f]{16}");
        }
        Files.createDirectory(temp.resolve("empty"));
        try (StateDirectory directory = open(Samples.request(temp.resolve("empty")))) {
            assertThat(directory.found()).isEqualTo(Found.NOTHING);
        }
    }

    @Test
    void open_ofAFile_isRefused() throws IOException {
        Files.writeString(temp.resolve("file"), "x");

        assertRefused(
                Samples.request(temp.resolve("file")), " is a file. Choose another directory.");
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> open(Samples.request(temp.resolve("file/state"))))
                .withMessageContaining("cannot be used");
    }

    @Test
    void open_ofADirectoryThatCannotBeWritten_isRefused() throws IOException {
        MemoryDisk memory = new MemoryDisk();
        memory.createDirectory(Path.of("/state"));
        FaultyDisk disk = new FaultyDisk(memory).crashAfter(5);

        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(
                        () ->
                                StateDirectory.open(
                                        Samples.request(Path.of("/state")),
                                        Samples.surroundings(disk, 1)))
                .withMessage(
                        "state directory /state cannot be used: No space left on device. Make it a"
                                + " directory that this user may read and write, with space left,"
                                + " or choose another directory.");
        assertThat(memory.list(Path.of("/state"))).isEmpty();
    }

    @Test
    void open_whereForeignFilesAre_isRefusedUnlessForced() throws IOException {
        Files.createDirectories(state().resolve("sub/chk-000009"));
        for (String name : List.of("a.txt", "b\n", "c", "z")) {
            Files.writeString(state().resolve(name), name);
        }
        Path flink = Files.createDirectory(state().resolve("chk-123456")).resolve("_metadata");
        Files.writeString(flink, "x");

        assertRefused(
                Samples.request(state()),
                " holds files that are not Aquifer state (a.txt, b\\n, c, ...). Choose another"
                        + " directory, or give --force to use it anyway; nothing of it will be"
                        + " touched but Aquifer's own files.");
        try (StateDirectory directory = open(Samples.forced(state()))) {
            assertThat(directory.found()).isEqualTo(Found.NOTHING);
            assertThat(directory.nextId()).isEqualTo(123_457);
            Samples.checkpoint(directory, 1);
        }
        assertThat(flink).hasContent("x");
        try (StateDirectory directory = open()) {
            assertThat(directory.found()).isEqualTo(Found.CHECKPOINT);
        }
        assertThat(state().resolve("a.txt")).hasContent("a.txt");
        assertThat(state().resolve("sub/chk-000009")).isDirectory();
    }

    @Test
    void open_whereRunOrLockIsSomebodyElses_isRefusedEvenIfForced() throws IOException {
        Files.createDirectory(state());
        Files.writeString(state().resolve("run"), "#!/bin/sh\n");

        assertRefused(
                Samples.forced(state()),
                " holds a 'run' that is not Aquifer's file, so that there is no place for it."
                        + " Choose another directory. If it was Aquifer's and is damaged, delete it"
                        + " and start afresh with --force.");
        Files.delete(state().resolve("run"));
        Files.writeString(state().resolve("lock"), "my diary");
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> open(Samples.forced(state())))
                .withMessageContaining("is not Aquifer's lock file, but somebody else's file");
        assertThat(state().resolve("lock")).hasContent("my diary");
    }

    @Test
    void open_ofADirectoryWithoutItsRunFile_isRefusedUnlessForced() throws IOException {
        withCheckpoints(2);
        Files.delete(state().resolve("run"));

        assertRefused(
                Samples.request(state()),
                " holds checkpoints (chk-000001, chk-000002) but no file 'run', which says whose"
                        + " they are. Put it back, choose another directory, or start afresh with"
                        + " --force; the checkpoints are removed then.");
        try (StateDirectory directory = open(Samples.forced(state()))) {
            assertThat(directory.found()).isEqualTo(Found.NOTHING);
            assertThat(directory.nextId()).isEqualTo(3);
            assertThat(state().resolve("chk-000002")).doesNotExist();
        }
    }

    @Test
    void open_ofADirectoryWithADamagedRunFile_isRefusedUnlessForced() throws IOException {
        withCheckpoints(1);
        damage("run");

        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(this::open)
                .withMessageStartingWith(
                        "state directory "
                                + state()
                                + " is damaged: run line 6: the file is"
                                + " damaged: its checksum is ")
                .withMessageEndingWith(
                        ". Which run its checkpoints belong to is not known. Choose another"
                                + " directory, or start afresh with --force; its checkpoints are"
                                + " removed then.");
        try (StateDirectory directory = open(Samples.forced(state()))) {
            assertThat(directory.nextId()).isEqualTo(2);
        }
    }

    @Test
    void open_ofAnotherJobs_isRefusedUnlessForced() throws IOException {
        withCheckpoints(2);
        String job = "airports\nby night";

        assertRefused(
                new Request(state(), job, 1, false, 0),
                " belongs to job 'flights', not to job 'airports\\nby night'. Choose another"
                        + " directory, or give --force to use it anyway; the checkpoints of job"
                        + " 'flights' are removed then.");
        assertRefused(
                new Request(state(), job, 1, true, 2),
                " belongs to job 'flights', not to job 'airports\\nby night', which cannot go on"
                        + " from another job's checkpoint 2. Choose another directory.");
        try (StateDirectory directory = open(new Request(state(), job, 1, true, 0))) {
            assertThat(directory.found()).isEqualTo(Found.NOTHING);
            assertThat(directory.nextId()).isEqualTo(3);
            assertThat(state().resolve("chk-000002")).doesNotExist();
        }
        try (StateDirectory directory = open(new Request(state(), job, 1, false, 0))) {
            assertThat(directory.found()).isEqualTo(Found.NO_CHECKPOINT);
        }
    }

    @Test
    void open_forcedOfTheSameJob_goesOn() throws IOException {
        withCheckpoints(2);

        try (StateDirectory directory = open(Samples.forced(state()))) {
            assertThat(directory.found()).isEqualTo(Found.CHECKPOINT);
        }
    }

    @Test
    void open_ofADamagedLatest_namesItAndOffersTheOneBefore() throws IOException {
        withCheckpoints(3);
        damage("chk-000003/op-1-0.state");

        assertRefused(
                Samples.forced(state()),
                ": checkpoint 3 is damaged: chk-000003/op-1-0.state block 3: checksum does not fit."
                        + " Checkpoint 2, 12 s older, is whole: go on from it with"
                        + " --from-checkpoint 2");
        damage("chk-000002/manifest");
        damage("chk-000003/manifest");
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(this::open)
                .withMessageContaining(": checkpoint 3 is damaged: chk-000003/manifest line ")
                .withMessageEndingWith(
                        "Checkpoint 1 is whole: go on from it with --from-checkpoint 1");
    }

    @Test
    void open_whereNoneIsWhole_saysSoAndStartsAfreshIfForced() throws IOException {
        withCheckpoints(2);
        Files.delete(state().resolve("chk-000001/op-0-0.state"));
        Path longer = state().resolve("chk-000002/op-0-0.state");
        long length = Files.size(longer);
        Files.write(longer, Arrays.copyOf(Files.readAllBytes(longer), (int) length + 1));
        Files.delete(state().resolve("chk-000002/op-1-0.state"));

        assertRefused(
                Samples.request(state()),
                ": checkpoint 2 is damaged: chk-000002/op-0-0.state has "
                        + (length + 1)
                        + " bytes, not "
                        + length
                        + " (and 1 more). No earlier checkpoint is whole."
                        + " Start afresh with --force, which removes what is left of them, or"
                        + " choose another directory.");
        try (StateDirectory directory = open(Samples.forced(state()))) {
            assertThat(directory.found()).isEqualTo(Found.NOTHING);
            assertThat(directory.nextId()).isEqualTo(3);
        }
    }

    @Test
    void open_fromACheckpoint_givesUpTheLaterOnes() throws IOException {
        withCheckpoints(3);
        damage("chk-000003/op-0-0.state");

        assertRefused(
                Samples.from(state(), 3),
                ": checkpoint 3 is damaged: chk-000003/op-0-0.state block 3: checksum does not fit."
                        + " Whole: 2, 1.");
        assertRefused(
                Samples.from(state(), 5),
                " holds no checkpoint 5 of job 'flights'. It holds 3, 2, 1. Give one that is there,"
                        + " or none for the latest.");
        assertRefused(
                Samples.from(temp, 1),
                " holds files that are not Aquifer state (state). Choose another directory, or give"
                        + " --force to use it anyway; nothing of it will be touched but Aquifer's"
                        + " own files.");
        try (StateDirectory directory = open(Samples.from(state(), 2))) {
            assertThat(directory.latest().orElseThrow().id()).isEqualTo(2);
            assertThat(directory.nextId()).isEqualTo(4);
            assertThat(state().resolve("chk-000003")).doesNotExist();
        }
        try (StateDirectory directory = open()) {
            assertThat(directory.latest().orElseThrow().id()).isEqualTo(2);
            assertThat(directory.nextId()).isEqualTo(4);
        }
    }

    @Test
    void open_fromACheckpointInAnEmptyDirectory_isRefused() throws IOException {
        Files.createDirectory(state());

        assertRefused(
                Samples.from(state(), 1),
                " holds no checkpoint 1: it holds none of job 'flights'. Start without"
                        + " --from-checkpoint, or choose another directory.");
    }

    @Test
    void finished_thenOpened_beginsANewRunUnlessACheckpointIsAskedFor() throws IOException {
        String first;
        try (StateDirectory directory = open()) {
            first = directory.runId();
            Samples.checkpoint(directory, 1);
            directory.finished();
            assertThatIllegalStateException()
                    .isThrownBy(() -> directory.begin(2))
                    .withMessage("checkpoint 2 cannot begin: the run has finished");
        }
        try (StateDirectory directory = open(Samples.from(state(), 1))) {
            assertThat(directory.found()).isEqualTo(Found.CHECKPOINT);
            assertThat(directory.runId()).isEqualTo(first);
            directory.finished();
        }
        Surroundings other = Samples.surroundings(Disk.SYSTEM, 2);
        try (StateDirectory directory = StateDirectory.open(Samples.request(state()), other)) {
            assertThat(directory.found()).isEqualTo(Found.FINISHED_RUN);
            assertThat(directory.latest()).isEmpty();
            assertThat(directory.runId()).isNotEqualTo(first);
            assertThat(directory.nextId()).isEqualTo(2);
        }
    }

    @Test
    void complete_beyondTheRetained_removesTheOldest() throws IOException {
        withCheckpoints(5);

        try (Stream<Path> names = Files.list(state())) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "lock", "run", "chk-000003", "chk-000004", "chk-000005");
        }
    }

    @Test
    void complete_ofAManifestThatIsNotWhatWasWritten_isRefused() throws IOException {
        try (StateDirectory directory = open()) {
            CheckpointDraft draft = directory.begin(1);
            WritableByteChannel open = draft.create("op-0", 0);
            open.write(ByteBuffer.wrap(WHOLE));
            StateFile file = draft.file("op-0", 0, WHOLE.length);
            CheckpointManifest manifest = Samples.manifest(directory, "flights", 1, List.of(file));

            assertThatIllegalStateException()
                    .isThrownBy(() -> draft.create("op-0", 0))
                    .withMessage(
                            "chk-000001/op-0-0.state cannot be made: checkpoint 1 has it already");
            assertThatIllegalStateException()
                    .isThrownBy(() -> draft.complete(manifest))
                    .withMessage("chk-000001/op-0-0.state is still being written");
            open.close();
            assertThatIllegalStateException()
                    .isThrownBy(
                            () ->
                                    draft.complete(
                                            Samples.manifest(
                                                    directory,
                                                    "flights",
                                                    1,
                                                    List.of(draft.file("op-0", 0, 3)))))
                    .withMessage("chk-000001/op-0-0.state has 2 bytes, but the manifest says 3");
            assertThatIllegalStateException()
                    .isThrownBy(
                            () ->
                                    draft.complete(
                                            Samples.manifest(
                                                    directory,
                                                    "flights",
                                                    1,
                                                    List.of(draft.file("x", 0, 3)))))
                    .withMessage("chk-000001/x-0.state was not written");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    draft.complete(
                                            Samples.manifest(
                                                    directory, "other", 1, List.of(file))));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(
                            () ->
                                    draft.complete(
                                            Samples.manifest(
                                                    directory,
                                                    "flights",
                                                    1,
                                                    List.of(
                                                            new StateFile(
                                                                    "chk-000009/a-0.state",
                                                                    0,
                                                                    1)))))
                    .withMessageContaining("chk-000009/a-0.state is missing");
            draft.complete(manifest);
            assertThat(directory.latest()).contains(manifest);
            draft.abort();
            assertThat(state().resolve("chk-000001/manifest")).exists();
        }
    }

    @Test
    void abort_whileAFileIsWritten_losesWhatIsWritten() throws IOException {
        try (StateDirectory directory = open()) {
            CheckpointDraft draft = directory.begin(5);
            WritableByteChannel channel = draft.create("op-0", 0);
            channel.write(ByteBuffer.wrap(WHOLE));

            draft.abort();

            assertThat(channel.write(ByteBuffer.wrap(WHOLE))).isEqualTo(2);
            channel.close();
            Samples.write(draft.create("op-1", 0), WHOLE);
            assertThat(state().resolve("chk-000005")).doesNotExist();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(
                            () ->
                                    draft.complete(
                                            Samples.manifest(directory, "flights", 5, List.of())))
                    .withMessageEndingWith("checkpoint 5 cannot be completed: it was aborted");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> directory.begin(5))
                    .withMessage("checkpoint 5 cannot begin: the next id is 6");
        }
        try (StateDirectory directory = open()) {
            assertThat(directory.nextId()).isEqualTo(6);
        }
    }

    @Test
    void close_withACheckpointUnderWay_abortsIt() throws IOException {
        StateDirectory directory = open();
        CheckpointDraft draft = directory.begin(1);
        draft.create("op-0", 0);

        directory.close();
        directory.close();

        assertThat(state().resolve("chk-000001")).doesNotExist();
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> draft.complete(Samples.manifest(directory, "flights", 1, List.of())))
                .withMessageEndingWith("is closed");
    }

    @Test
    void complete_afterTheLockFileWasReplaced_isRefusedAndTouchesNothing() throws IOException {
        StateDirectory directory = open();
        CheckpointDraft draft = directory.begin(1);
        Files.move(state(), temp.resolve("moved"));
        withCheckpoints(2);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () -> draft.complete(Samples.manifest(directory, "flights", 1, List.of())))
                .withMessageContaining("its lock file was removed or replaced while this job ran");
        directory.close();
        try (StateDirectory other = open()) {
            assertThat(other.latest().orElseThrow().id()).isEqualTo(2);
        }
    }

    @Test
    void openFile_ofAPathThatLeadsOut_isRefused() throws IOException {
        withCheckpoints(1);
        try (StateDirectory directory = open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> directory.openFile(new StateFile("../secret", 0, 1)))
                    .withMessage("'../secret' is not the path of a state file");
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(
                            () ->
                                    directory.openFile(
                                            new StateFile("chk-000001/none-0.state", 0, 1)));
        }
    }

    @Test
    void open_withRealStateFiles_verifiesTheirChecksums() throws IOException {
        Request request = Samples.request(state());
        CheckpointManifest manifest;
        try (StateDirectory directory = StateDirectory.open(request)) {
            CheckpointDraft draft = directory.begin(1);
            long bytes;
            try (StateFileWriter writer =
                    new StateFileWriter(
                            draft.create("op-0", 0), new StateFileHeader("op-0", 0, 128, 0, 127))) {
                writer.begin(new StateSection("seen", StateSection.Kind.VALUE, 0, "", "long"));
                byte[] key = new byte[8];
                byte[] value = new byte[100];
                for (int i = 0; i < 10_000; i++) {
                    ByteBuffer.wrap(key).putInt(i);
                    writer.entry(key, 0, key.length, value, 0, value.length);
                }
                bytes = writer.finish();
            }
            manifest =
                    Samples.manifest(
                            directory, "flights", 1, List.of(draft.file("op-0", 0, bytes)));
            draft.complete(manifest);
        }
        try (StateDirectory directory = StateDirectory.open(request)) {
            assertThat(directory.latest()).contains(manifest);
        }
        assertThat(StateReport.of(state()).checkpoints().getFirst().problems()).isEmpty();
        damage("chk-000001/op-0-0.state");

        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> StateDirectory.open(request))
                .withMessageStartingWith(
                        "state directory "
                                + state()
                                + ": checkpoint 1 is damaged: state file 'chk-000001/op-0-0.state'"
                                + " is damaged at byte ")
                .withMessageContaining(": block ")
                .withMessageEndingWith(
                        "No earlier checkpoint is whole. Start afresh with --force, which removes"
                                + " what is left of them, or choose another directory.");
    }

    @Test
    void open_ofADamagedLatestAfterTheClockWasSetBack_tellsNoAge() throws IOException {
        try (StateDirectory directory = open()) {
            for (long id = 1; id <= 2; id++) {
                CheckpointDraft draft = directory.begin(id);
                Samples.write(draft.create("op-0", 0), WHOLE);
                CheckpointManifest like =
                        Samples.manifest(
                                directory,
                                "flights",
                                id,
                                List.of(draft.file("op-0", 0, WHOLE.length)));
                draft.complete(
                        new CheckpointManifest(
                                id,
                                like.runId(),
                                "flights",
                                like.kind(),
                                Samples.START.minusSeconds(id),
                                like.took(),
                                like.interval(),
                                0,
                                Map.of(),
                                Map.of(),
                                like.operators()));
            }
        }
        damage("chk-000002/op-0-0.state");

        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(this::open)
                .withMessageEndingWith(
                        ". Checkpoint 1 is whole: go on from it with --from-checkpoint 1");
    }

    @Test
    void request_ofNothingRetained_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request(state(), "flights", 0, false, 0))
                .withMessage("retained checkpoints must be at least 1, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request(state(), "flights", 1, false, -1));
    }
}
