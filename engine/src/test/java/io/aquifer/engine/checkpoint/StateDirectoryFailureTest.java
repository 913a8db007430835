package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.MemoryDisk.PowerLoss;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A disk that refuses once, or for a while, and then works again: the job goes on.
class StateDirectoryFailureTest {
    private static final Path ROOT = Path.of("/state");

    private static CheckpointManifest write(StateDirectory directory, CheckpointDraft draft)
            throws IOException {
        SplittableRandom random = new SplittableRandom(draft.id());
        List<StateFile> files = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            byte[] content = Samples.content(random);
            Samples.write(draft.create("op-" + i, 0), content);
            files.add(draft.file("op-" + i, 0, content.length));
        }
        return Samples.manifest(directory, "flights", draft.id(), files);
    }

    /// A checkpoint of which the n-th operation fails; tells whether it was completed.
    private static boolean fails(StateDirectory directory, FaultyDisk disk, int n) {
        try {
            disk.failOnceAfter(n);
            CheckpointDraft draft = directory.begin(directory.nextId());
            try {
                draft.complete(write(directory, draft));
                return true;
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(FaultyDisk.REFUSAL);
                draft.abort();
                return false;
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(FaultyDisk.REFUSAL);
            return false;
        }
    }

    private static void everyOperationFails(Disk real, Path root) throws IOException {
        FaultyDisk disk = new FaultyDisk(real);
        StateDirectory directory =
                StateDirectory.open(Samples.request(root), Samples.surroundings(disk, 1));
        long latest = Samples.checkpoint(directory, 2).id();
        boolean reached = true;
        for (int n = 0; reached; n++) {
            long failing = directory.nextId();
            boolean completed = fails(directory, disk, n);
            reached = disk.refused();
            disk.works();
            latest = completed ? failing : latest;
            assertThat(directory.latest().orElseThrow().id()).as("after %d", n).isEqualTo(latest);
            assertThat(directory.nextId()).isGreaterThan(failing);
            latest = Samples.checkpoint(directory, 2).id();
            assertThat(directory.latest().orElseThrow().id()).isEqualTo(latest);
            StateReport report = StateReport.of(root, disk, Samples.CHECK);
            assertThat(report.checkpoints()).hasSizeLessThanOrEqualTo(3);
            assertThat(report.checkpoints().getFirst().id()).isEqualTo(latest);
            assertThat(report.checkpoints()).allMatch(c -> c.problems().isEmpty());
        }
        directory.close();
        try (StateDirectory again =
                StateDirectory.open(Samples.request(root), Samples.surroundings(disk, 2))) {
            assertThat(again.latest().orElseThrow().id()).isEqualTo(latest);
        }
    }

    @Test
    void anyOperationOfACheckpoint_fails_theNextSucceeds() throws IOException {
        MemoryDisk memory = new MemoryDisk();
        everyOperationFails(memory, ROOT);
        memory.lose(PowerLoss.LOSES_ALL, new SplittableRandom(1));
        try (StateDirectory again =
                StateDirectory.open(Samples.request(ROOT), Samples.surroundings(memory, 2))) {
            assertThat(again.found()).isEqualTo(StateDirectory.Found.CHECKPOINT);
        }
    }

    @Test
    void anyOperationOfACheckpointOnARealDisk_fails_theNextSucceeds(@TempDir Path temp)
            throws IOException {
        everyOperationFails(Disk.SYSTEM, temp);
    }

    /// The disk refuses for good from within a checkpoint until after it was aborted.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void diskFull_fromAnyOperationUntilAfterTheAbort_leavesTheOneBefore(boolean powerLost)
            throws IOException {
        boolean reached = true;
        for (int n = 0; reached; n++) {
            MemoryDisk memory = new MemoryDisk();
            FaultyDisk disk = new FaultyDisk(memory);
            StateDirectory directory =
                    StateDirectory.open(Samples.request(ROOT), Samples.surroundings(disk, 1));
            Samples.checkpoint(directory, 2);
            disk.crashAfter(n);
            boolean completed = false;
            try {
                CheckpointDraft draft = directory.begin(2);
                try {
                    draft.complete(write(directory, draft));
                    completed = true;
                } catch (IOException e) {
                    draft.abort();
                }
            } catch (IOException e) {
                assertThat(e)
                        .hasMessage(
                                "state directory /state: checkpoint 2 cannot begin: No space left"
                                        + " on device");
            }
            reached = disk.refused();
            disk.works();
            assertThat(directory.latest().orElseThrow().id()).isEqualTo(completed ? 2 : 1);
            assertThat(directory.nextId()).isEqualTo(3);
            CheckpointManifest next = Samples.checkpoint(directory, 2);
            if (powerLost) {
                memory.lose(PowerLoss.LOSES_SOME, new SplittableRandom(n));
            } else {
                directory.close();
            }
            try (StateDirectory again =
                    StateDirectory.open(Samples.request(ROOT), Samples.surroundings(memory, 2))) {
                assertThat(again.latest()).contains(next);
                assertThat(again.nextId()).isEqualTo(4);
            }
        }
    }

    @Test
    void write_toAFullDisk_namesTheFileAndKeepsTheReason() throws IOException {
        FaultyDisk disk = new FaultyDisk(new MemoryDisk());
        StateDirectory directory =
                StateDirectory.open(Samples.request(ROOT), Samples.surroundings(disk, 1));
        CheckpointDraft draft = directory.begin(1);
        var channel = draft.create("op-0", 0);
        disk.failOnceAfter(0);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Samples.write(channel, new byte[10]))
                .withMessage("cannot write chk-000001/op-0-0.state: No space left on device");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () ->
                                draft.complete(
                                        Samples.manifest(
                                                directory,
                                                "flights",
                                                1,
                                                List.of(draft.file("op-0", 0, 10)))))
                .withMessage(
                        "state directory /state: checkpoint 1 cannot be completed: cannot write"
                                + " chk-000001/op-0-0.state: No space left on device");
    }

    @Test
    void finished_onAFullDisk_throwsAndMayBeCalledAgain() throws IOException {
        FaultyDisk disk = new FaultyDisk(new MemoryDisk());
        StateDirectory directory =
                StateDirectory.open(Samples.request(ROOT), Samples.surroundings(disk, 1));
        disk.failOnceAfter(3);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(directory::finished)
                .withMessage(
                        "state directory /state: the end of the run cannot be noted: No space left"
                                + " on device");
        directory.finished();
        directory.close();
        try (StateDirectory again =
                StateDirectory.open(Samples.request(ROOT), Samples.surroundings(disk, 2))) {
            assertThat(again.found()).isEqualTo(StateDirectory.Found.FINISHED_RUN);
        }
    }
}
