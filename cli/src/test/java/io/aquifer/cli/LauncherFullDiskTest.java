package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aquifer.cli.CheckpointsOnDisk.Checkpoint;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The disk of the state directory is full: a file system of its own, with a file of ours that
/// takes all the space. Mounting one is for root, so elsewhere these are skipped;
/// `LauncherStateDirectoryTest` has a directory that is gone for a while, for everybody.
class LauncherFullDiskTest {
    private static final String FILE = "flights-200k.csv.gz";

    @TempDir Path folder;
    private boolean mounted;
    private FlightsJob job = new FlightsJob(FILE, Path.of("out"), Path.of("state"), 0, "");

    @BeforeEach
    void mount() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        job = new FlightsJob(FILE, folder.resolve("out"), disk.resolve("state"), 30_000, "50ms");
        Process mount =
                new ProcessBuilder(
                                "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString())
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        mounted = mount.waitFor() == 0;
        assumeTrue(mounted, "cannot mount a small file system here: " + said);
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            Process unmount = new ProcessBuilder("umount", disk().toString()).inheritIO().start();
            assertThat(unmount.waitFor()).isZero();
        }
    }

    @Test
    void checkpoint_diskFullForAWhile_failsCountedAndNamedThenCompletesAgain() throws Exception {
        FlightsJob.Result expected = FlightsJob.uninterrupted(FILE, folder.resolve("whole"));
        CheckpointsOnDisk state = job.checkpoints();
        try (Launched process = job.start(2)) {
            process.await("a checkpoint", () -> state.highest() > 1);
            fillUntil(process, ".* \\d+ failed: .*chk-.*No space left on device.*");
            long highest = state.highest();
            assertThat(process.isAlive()).isTrue();
            Files.delete(filler());
            process.await("a checkpoint", () -> state.highest() > highest);
            job.assertFinished(process, 0, expected);
            assertThat(process.out()).containsPattern("(?m)^  failed +[1-9][\\d,]*$");
        }
    }

    /// The output is complete although no checkpoint could say so; the next start, with space, goes
    /// on from the last one and leaves the same.
    @Test
    void checkpoint_diskFullToTheEnd_finishesAndTheNextStartLeavesTheSame() throws Exception {
        FlightsJob.Result expected = FlightsJob.uninterrupted(FILE, folder.resolve("whole"));
        CheckpointsOnDisk state = job.checkpoints();
        try (Launched process = job.start(2)) {
            process.await("a checkpoint", () -> state.highest() > 1);
            fillUntil(process, "flights  FINISHED in .*");
            assertThat(process.end()).as("%s", process).isZero();
            assertThat(process.out())
                    .containsPattern(
                            "(?m)^  failed +[1-9][\\d,]*   the last: .*No space left on device");
            job.assertSameOutput(expected);
        }
        Checkpoint newest = state.newest().orElseThrow();
        Files.delete(filler());
        try (Launched process = job.atFullRate().start(3)) {
            process.awaitOut("resumed from checkpoint " + newest.id() + " .*");
            job.assertFinished(process, newest.records(), expected);
        }
    }

    private Path disk() {
        return folder.resolve("disk");
    }

    private Path filler() {
        return disk().resolve("filler");
    }

    /// Takes all space, and again what is given back, until the process has written a line.
    private void fillUntil(Launched process, String line) throws Exception {
        process.await(
                "a line like " + line,
                () -> {
                    fill();
                    return process.outLines().stream()
                            .anyMatch(written -> written.text().matches(line));
                });
    }

    private void fill() throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream out =
                Files.newOutputStream(
                        filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }
}
