package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// What is told of a directory without taking it.
class StateReportTest {
    @TempDir Path temp;

    private StateDirectory open() {
        return StateDirectory.open(
                Samples.request(temp.resolve("state")), Samples.surroundings(Disk.SYSTEM, 1));
    }

    private StateReport report() {
        return StateReport.of(temp.resolve("state"), Disk.SYSTEM, Samples.CHECK);
    }

    @Test
    void report_ofCheckpoints_listsThemNewestFirst() throws IOException {
        CheckpointManifest last;
        String runId;
        try (StateDirectory directory = open()) {
            runId = directory.runId();
            Samples.checkpoint(directory, 2);
            last = Samples.checkpoint(directory, 3);
            directory.begin(3).create("op-0", 0);
            assertThat(report().heldBy()).isEqualTo("4711");
            directory.finished();
        }
        StateReport report = report();

        assertThat(report.jobName()).isEqualTo("flights");
        assertThat(report.runId()).isEqualTo(runId);
        assertThat(report.finished()).isTrue();
        assertThat(report.heldBy()).isNull();
        assertThat(report.problems()).isEmpty();
        assertThat(report.checkpoints()).extracting(c -> c.id()).containsExactly(2L, 1L);
        StateReport.CheckpointReport newest = report.checkpoints().getFirst();
        assertThat(newest.manifest()).isEqualTo(last);
        assertThat(newest.files()).isEqualTo(3);
        assertThat(newest.bytes()).isEqualTo(last.stateBytes());
        assertThat(newest.problems()).isEmpty();
    }

    @Test
    void report_ofDamage_namesEveryFileAndPlace() throws IOException {
        try (StateDirectory directory = open()) {
            Samples.checkpoint(directory, 3);
            Samples.checkpoint(directory, 1);
        }
        Path first = temp.resolve("state/chk-000001");
        byte[] content = Files.readAllBytes(first.resolve("op-0-0.state"));
        content[0]++;
        Files.write(first.resolve("op-0-0.state"), content);
        Files.delete(first.resolve("op-1-0.state"));
        Files.writeString(temp.resolve("state/chk-000002/manifest"), "?");

        StateReport report = report();

        assertThat(report.checkpoints()).hasSize(2);
        assertThat(report.checkpoints().get(0).manifest()).isNull();
        assertThat(report.checkpoints().get(0).files()).isEqualTo(1);
        assertThat(report.checkpoints().get(0).problems())
                .containsExactly(
                        "chk-000002/manifest line 1: does not begin with 'aquifer-checkpoint': it"
                                + " is another file or damaged");
        assertThat(report.checkpoints().get(1).problems())
                .containsExactly(
                        "chk-000001/op-0-0.state block 3: checksum does not fit",
                        "chk-000001/op-1-0.state is missing");
    }

    @Test
    void report_whileCheckpointsVanish_leavesThemOut() throws IOException {
        try (StateDirectory directory = open()) {
            Samples.checkpoint(directory, 2);
            AtomicBoolean first = new AtomicBoolean(true);
            StateFileCheck check =
                    (in, name) -> {
                        if (first.getAndSet(false)) {
                            for (int i = 0; i < 3; i++) {
                                Samples.checkpoint(directory, 1);
                            }
                        }
                        Samples.CHECK.verify(in, name);
                    };

            StateReport report = StateReport.of(temp.resolve("state"), Disk.SYSTEM, check);

            assertThat(report.checkpoints()).isEmpty();
            assertThat(report().checkpoints()).extracting(c -> c.id()).containsExactly(4L, 3L, 2L);
        }
    }

    @Test
    void report_ofADamagedRunFile_isAProblemOfTheDirectory() throws IOException {
        open().close();
        Files.writeString(temp.resolve("state/run"), "aquifer-run\t1\nrun");

        StateReport report = report();

        assertThat(report.jobName()).isEmpty();
        assertThat(report.problems())
                .isEqualTo(
                        List.of(
                                "run line 2: the end with the checksum is missing: the file is cut"
                                        + " off"));
    }

    /// A disk that denies access to one path; the tests may run as a user whom nothing is denied.
    private static Disk denying(Path denied) {
        return (Disk)
                Proxy.newProxyInstance(
                        Disk.class.getClassLoader(),
                        new Class<?>[] {Disk.class},
                        (proxy, method, arguments) -> {
                            if (!method.getName().equals("realPath")
                                    && arguments[0].equals(denied)) {
                                throw new AccessDeniedException(denied.toString());
                            }
                            try {
                                return method.invoke(Disk.SYSTEM, arguments);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
    }

    @Test
    void report_withoutPermission_saysForWhat() throws IOException {
        try (StateDirectory directory = open()) {
            Samples.checkpoint(directory, 2);
        }
        Path root = temp.resolve("state").toRealPath();
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> StateReport.of(root, denying(root), Samples.CHECK))
                .withMessage(
                        "state directory %s cannot be read: no permission for %s. Give a directory"
                                + " that this user may read.",
                        root, root);
        Path file = root.resolve("chk-000001/op-1-0.state");
        StateReport report = StateReport.of(root, denying(file), Samples.CHECK);
        assertThat(report.checkpoints().getFirst().problems())
                .containsExactly("no permission for " + file);
    }

    @Test
    void report_ofWhatIsNoStateDirectory_isRefused() throws IOException {
        Files.writeString(temp.resolve("file"), "x");

        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(this::report)
                .withMessage(
                        "state directory %s cannot be read: %s does not exist. Give a directory"
                                + " that this user may read.",
                        temp.resolve("state"), temp.resolve("state"));
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> StateReport.of(temp))
                .withMessage(
                        "%s is not a state directory: it holds no run of a job. Give the directory"
                                + " that was given to the job as --state.",
                        temp);
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> StateReport.of(temp.resolve("file")))
                .withMessage("%s is a file, not a state directory.", temp.resolve("file"));
        assertThat(temp.resolve("lock")).doesNotExist();
    }
}
