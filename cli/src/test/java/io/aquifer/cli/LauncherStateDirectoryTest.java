package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.cli.CheckpointsOnDisk.Checkpoint;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// State directories as processes meet them: shared, damaged, and with times that make no sense.
///
/// A process that others are to meet is held (SIGSTOP), so that it cannot end before they came.
class LauncherStateDirectoryTest {
    private static final String FILE = "flights-200k.csv.gz";

    @TempDir static Path wholeFolder;
    private static FlightsJob.@Nullable Result expected;

    @TempDir Path folder;
    private FlightsJob job = new FlightsJob(FILE, Path.of("out"), Path.of("state"), 0, "");

    @BeforeAll
    static void uninterrupted() throws Exception {
        expected = FlightsJob.uninterrupted(FILE, wholeFolder.resolve("whole"));
    }

    @BeforeEach
    void chooseDirectories() {
        job = new FlightsJob(FILE, folder.resolve("out"), folder.resolve("state"), 50_000, "50ms");
    }

    @Test
    void start_stateDirectoryInUse_isRefusedWithTheFirstsPidAndHarmsNothing() throws Exception {
        try (Launched first = job.start(2)) {
            first.await("a checkpoint", () -> job.checkpoints().highest() > 0);
            first.signal("STOP");
            FlightsJob other =
                    new FlightsJob(FILE, folder.resolve("other"), job.state(), 50_000, "50ms");
            try (Launched second = Launched.run(other.words(2))) {
                assertThat(second.err())
                        .startsWith("aquifer: job 'flights' did not start: state directory ")
                        .contains(
                                "is in use by process " + first.pid() + " ",
                                "Stop it first, or choose another directory.")
                        .doesNotContain("\tat ");
                assertThat(second.end()).isEqualTo(7);
                assertThat(first.isAlive()).isTrue();
            }
            // Nor does --force take it away.
            try (Launched second = Launched.run(other.words(2, "--force"))) {
                assertThat(second.err()).contains("is in use by process " + first.pid() + " ");
                assertThat(second.end()).isEqualTo(7);
            }
            assertThat(folder.resolve("other")).doesNotExist();
            first.signal("CONT");
            job.assertFinished(first, 0, expected());
        }
    }

    @Test
    void start_outputDirectoryInUse_isRefusedByTheSinkAndHarmsNothing() throws Exception {
        try (Launched first = job.start(2)) {
            first.await("a checkpoint", () -> job.checkpoints().highest() > 0);
            first.signal("STOP");
            FlightsJob other =
                    new FlightsJob(FILE, job.output(), folder.resolve("other"), 50_000, "50ms");
            try (Launched second = Launched.run(other.words(2))) {
                assertThat(second.err())
                        .contains(
                                "cannot write to " + job.output(),
                                ": process " + first.pid() + " (job 'flights') writes there.",
                                "Wait until it has ended, or choose another directory or prefix.")
                        .doesNotContain("\tat ");
                assertThat(second.end()).as("%s", second).isEqualTo(3);
                assertThat(first.isAlive()).isTrue();
            }
            first.signal("CONT");
            job.assertFinished(first, 0, expected());
        }
    }

    /// What happens to the newest checkpoint.
    private enum Damage {
        FLIPPED_BYTE("expected|checksum|CRC|damaged"),
        FLIPPED_BYTE_IN_THE_MANIFEST("checksum|crc|line"),
        MISSING_FILE("missing|not there|is gone|does not exist|no such file"),
        SHORTER_FILE("bytes"),
        SHORTER_MANIFEST("checksum|crc|line|ends|cut off|truncated"),
        EMPTY_MANIFEST("line|empty|ends|cut off|truncated");

        private final String words;

        Damage(String words) {
            this.words = words;
        }

        /// @return the file that is damaged
        Path to(CheckpointsOnDisk disk, long id) throws IOException {
            Path manifest = disk.path(id).resolve("manifest");
            Path file = disk.stateFiles(id).getFirst();
            return switch (this) {
                case FLIPPED_BYTE -> flip(file);
                case FLIPPED_BYTE_IN_THE_MANIFEST -> flip(manifest);
                case MISSING_FILE -> {
                    Files.delete(file);
                    yield file;
                }
                case SHORTER_FILE -> cut(file, Files.size(file) - 1);
                case SHORTER_MANIFEST -> cut(manifest, Files.size(manifest) / 2);
                case EMPTY_MANIFEST -> cut(manifest, 0);
            };
        }

        private static Path flip(Path file) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            return Files.write(file, bytes);
        }

        private static Path cut(Path file, long length) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            return Files.write(file, Arrays.copyOf(bytes, (int) length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void resume_damagedCheckpoint_isRefusedAndTheOfferedOneGoesOn(Damage damage) throws Exception {
        CheckpointsOnDisk disk = job.checkpoints();
        List<Checkpoint> complete = killedAfterCheckpoints();
        Checkpoint newest = complete.getLast();
        Checkpoint earlier = complete.get(complete.size() - 2);
        Path damaged = damage.to(disk, newest.id());
        String name = "chk-%06d/%s".formatted(newest.id(), damaged.getFileName());

        try (Launched refused = Launched.run(job.words(2))) {
            assertThat(refused.err())
                    .contains(
                            "checkpoint " + newest.id() + " is damaged: ",
                            name,
                            "--from-checkpoint " + earlier.id())
                    .containsPattern("(?i)(" + damage.words + ")")
                    .doesNotContain("\tat ");
            assertThat(refused.end()).isEqualTo(7);
        }
        try (Launched state = Launched.run(List.of("state", job.state().toString()))) {
            assertThat(state.out()).contains(name, "damaged", Long.toString(earlier.id()));
            assertThat(state.end()).isEqualTo(7);
        }
        try (Launched resumed =
                job.atFullRate().start(3, "--from-checkpoint", Long.toString(earlier.id()))) {
            resumed.awaitOut(
                    "resumed from checkpoint "
                            + earlier.id()
                            + " \\(row .*\\), what was done since is redone");
            job.assertFinished(resumed, earlier.records(), expected());
        }
        try (Launched state = Launched.run(List.of("state", job.state().toString()))) {
            assertThat(state.end()).as("%s", state).isZero();
        }
    }

    /// As when the disk is full, for a user who cannot fill one.
    @Test
    void checkpoint_directoryGoneForAWhile_failsCountedAndNamedThenCompletesAgain()
            throws Exception {
        CheckpointsOnDisk disk = job.checkpoints();
        Path away = folder.resolve("away");
        job = new FlightsJob(FILE, job.output(), job.state(), 20_000, "50ms");
        try (Launched process = job.start(2)) {
            process.await("a checkpoint", () -> disk.highest() > 0);
            Files.move(job.state(), away);
            process.awaitOut(".* \\d+ failed: .*checkpoint \\d+ cannot begin: .*");
            Files.move(away, job.state());
            long highest = disk.highest();
            process.await("a checkpoint", () -> disk.highest() > highest);
            job.assertFinished(process, 0, expected());
            assertThat(process.out()).containsPattern("(?m)^  failed +[1-9][\\d,]*$");
        }
    }

    /// The clock was set back by years between checkpoints, and files lie about their times.
    @Test
    void resume_clockSetBack_goesOnFromTheHighestIdAndShowsNoNegativeAge() throws Exception {
        CheckpointsOnDisk disk = job.checkpoints();
        List<Checkpoint> complete = killedAfterCheckpoints();
        Checkpoint newest = complete.getLast();
        // Half an hour away from the next day, and from the next hour.
        Instant time =
                Instant.now()
                        .truncatedTo(ChronoUnit.MILLIS)
                        .plus(9_000, ChronoUnit.DAYS)
                        .plus(Duration.ofMinutes(750));
        for (Checkpoint checkpoint : complete) {
            disk.date(checkpoint.id(), time);
            try (Stream<Path> files = Files.list(disk.path(checkpoint.id()))) {
                for (Path file : files.toList()) {
                    Files.setLastModifiedTime(file, FileTime.from(time));
                }
            }
            Files.setLastModifiedTime(disk.path(checkpoint.id()), FileTime.from(time));
            time = time.minus(8_000, ChronoUnit.DAYS);
        }
        Files.setLastModifiedTime(job.state().resolve("run"), FileTime.from(Instant.EPOCH));

        try (Launched state = Launched.run(List.of("state", job.state().toString()))) {
            assertThat(state.end()).as("%s", state).isZero();
            assertThat(state.out())
                    .contains("in the future by 9000 d 12 h ", "in the future by 1000 d 12 h ")
                    .doesNotContainPattern("(?m) -\\d+ (s|min|h|d)\\b");
        }
        try (Launched resumed = job.atFullRate().start(2)) {
            resumed.awaitOut("resumed from checkpoint " + newest.id() + " \\(row .*");
            resumed.await("a checkpoint", () -> disk.highest() > newest.id());
            job.assertFinished(resumed, newest.records(), expected());
        }
    }

    private List<Checkpoint> killedAfterCheckpoints() throws Exception {
        try (Launched process = job.start(2)) {
            process.await("checkpoints", () -> job.checkpoints().highest() >= 3);
            process.kill();
        }
        List<Checkpoint> complete = job.checkpoints().complete();
        assertThat(complete).hasSizeGreaterThanOrEqualTo(2);
        return complete;
    }

    private static FlightsJob.Result expected() {
        FlightsJob.Result result = expected;
        if (result == null) {
            throw new IllegalStateException("the uninterrupted run failed");
        }
        return result;
    }
}
