package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.cli.CheckpointsOnDisk.Checkpoint;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/// Flights over the small file with a checkpoint every 50 ms, killed with `kill -9` without waiting
/// for anything: while it starts or resumes, within a checkpoint, between two renames, at the end.
///
/// Goal: whatever the moment, the next start says the truth about what it found, and what a
/// finished run leaves is byte for byte what the uninterrupted run leaves. Method: most kills come
/// at a random time after the start of the process; the others as soon as a file is seen that is
/// there for a moment only.
///
/// `-Daquifer.test.kills=1000` for the long form, `-Daquifer.test.seed=<seed>` to replay one.
class LauncherAnyMomentTest {
    private static final String FILE = "flights-200k.csv.gz";
    private static final int KILL_WITHIN_MILLIS = 2_500;

    @TempDir Path folder;

    /// When to kill.
    private enum Moment {
        AT_RANDOM,
        /// Since the process started a checkpoint has begun, and its manifest is not there.
        CHECKPOINT_BEGUN,
        /// A manifest is being written, the checkpoint's or the run's.
        STATE_RENAMED,
        /// A sink is making parts visible.
        OUTPUT_RENAMED,
        /// All input is processed; what is left is the last commit.
        LAST_COMMIT
    }

    @Test
    void kill_atAnyMoment_leavesWhatTheUninterruptedRunLeaves() throws Exception {
        int kills = Integer.getInteger("aquifer.test.kills", 40);
        long seed = Long.getLong("aquifer.test.seed", System.nanoTime());
        System.out.printf("%d kills, to replay: -Daquifer.test.seed=%d%n", kills, seed);
        Random random = new Random(seed);
        FlightsJob.Result expected = FlightsJob.uninterrupted(FILE, folder.resolve("whole"));
        FlightsJob job =
                new FlightsJob(
                        FILE, folder.resolve("out"), folder.resolve("state"), 66_000, "50ms");
        job.addStrangers();
        Map<Moment, Integer> counts = new EnumMap<>(Moment.class);
        int finished = 0;
        int killed = 0;
        boolean open = true;
        while (killed < kills || open) {
            int parallelism = 1 + random.nextInt(4);
            Moment moment =
                    random.nextInt(8) > 2
                            ? Moment.AT_RANDOM
                            : Moment.values()[1 + random.nextInt(Moment.values().length - 1)];
            Duration delay = Duration.ofMillis(random.nextInt(KILL_WITHIN_MILLIS));
            String began = start(job.checkpoints());
            long before = job.checkpoints().newest().map(Checkpoint::records).orElse(0L);
            boolean afresh = !began.startsWith("resumed");
            try (Launched process = job.start(parallelism)) {
                if (killed < kills && isReached(process, job, moment, delay)) {
                    process.kill();
                    assertBegan(process, began);
                    killed++;
                    counts.merge(moment, 1, Integer::sum);
                    open = !job.checkpoints().isFinished();
                    if (!open) {
                        // It had finished, or not yet begun to replace the run before it.
                        job.assertSameOutput(expected);
                    }
                } else {
                    job.assertFinished(process, afresh ? 0 : before, expected);
                    assertBegan(process, began);
                    open = false;
                    finished++;
                }
            } catch (Exception | AssertionError failed) {
                throw new AssertionError(
                        "seed " + seed + ", kill " + killed + ", " + moment + " " + delay, failed);
            }
        }
        System.out.printf("%s, %d finished%n", counts, finished);
    }

    /// What a start will say of what is on the disk.
    private static String start(CheckpointsOnDisk disk) throws IOException {
        if (!disk.hasRun()) {
            return "state in .*";
        }
        if (disk.isFinished()) {
            return "the earlier run in .* had finished: starting afresh, .*";
        }
        Optional<Checkpoint> newest = disk.newest();
        return newest.isEmpty()
                ? "the earlier run in .* was interrupted before its first checkpoint: .*"
                : "resumed from checkpoint " + newest.get().id() + " \\(.*";
    }

    /// Whatever the process came to say before it was killed was true.
    private static void assertBegan(Launched process, String expected) {
        process.outLines().stream()
                .map(Launched.Line::text)
                .filter(line -> line.matches("(state in|the earlier run in|resumed from) .*"))
                .forEach(line -> assertThat(line).matches(expected));
    }

    /// Waits for the moment.
    ///
    /// @return false when the process has ended before it
    private static boolean isReached(
            Launched process, FlightsJob job, Moment moment, Duration delay)
            throws InterruptedException, IOException {
        if (moment == Moment.AT_RANDOM) {
            return !process.endsWithin(delay);
        }
        CheckpointsOnDisk disk = job.checkpoints();
        long before = newest(disk);
        while (process.isAlive()) {
            long now = newest(disk);
            boolean there =
                    switch (moment) {
                        case AT_RANDOM, CHECKPOINT_BEGUN -> now > before;
                        case STATE_RENAMED ->
                                has(disk.directory(), "run.inprogress")
                                        || now > 0 && has(disk.path(now), "manifest.inprogress");
                        case OUTPUT_RENAMED ->
                                has(job.output(), ".windows.csv.manifest.inprogress")
                                        || has(job.output(), ".rejects.csv.manifest.inprogress");
                        case LAST_COMMIT ->
                                process.outLines().stream()
                                        .anyMatch(line -> line.text().startsWith("Airports with"));
                    };
            if (there) {
                return true;
            }
        }
        return false;
    }

    /// The newest checkpoint there is, begun or complete; 0 for none. Looks once: the process may
    /// remove them meanwhile.
    private static long newest(CheckpointsOnDisk disk) throws IOException {
        TreeSet<Long> ids = disk.ids();
        return ids.isEmpty() ? 0 : ids.last();
    }

    private static boolean has(Path directory, String name) {
        return Files.exists(directory.resolve(name));
    }
}
