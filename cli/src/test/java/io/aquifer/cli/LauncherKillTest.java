package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.cli.CheckpointsOnDisk.Checkpoint;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Flights over three million rows, killed with `kill -9` at random moments, each after at least
/// one new checkpoint, and resumed at a random parallelism: several kills in a run, run after run
/// in the same directories.
///
/// Goal: what a finished run leaves is byte for byte what the uninterrupted run leaves, and a
/// resume goes on from the newest complete checkpoint, so that no more than an interval's work is
/// done twice. Method: every wait is for a file, a line or an end; only the moment of the kill is
/// drawn. Nothing is compared with a time the machine should have kept, only with recorded ones.
///
/// `-Daquifer.test.kills=1000` for the long form, `-Daquifer.test.seed=<seed>` to replay one.
class LauncherKillTest {
    private static final String FILE = "flights-3m.parquet";
    private static final int RATE = 100_000;
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final int PARALLELISM_MAX = 4;
    private static final int KILL_WITHIN_MILLIS = 2_500;

    /// How long a machine may stand still; a job that takes no more checkpoints is silent for ever.
    private static final Duration STANDSTILL = Duration.ofMinutes(1);

    /// `00:00:04 flights RUNNING 55.4k rows/s 413k rows ...`
    private static final Pattern PROGRESS =
            Pattern.compile("\\S+  flights \\w+  \\S+ rows/s  ([\\d.]+)([kM]?) rows  .*");

    @TempDir static Path folder;
    private static FlightsJob.@Nullable Result expected;

    private final FlightsJob job =
            new FlightsJob(FILE, folder.resolve("out"), folder.resolve("state"), RATE, "500ms");
    private final CheckpointsOnDisk disk = job.checkpoints();
    private final List<Killed> all = new ArrayList<>();

    /// A process that was killed.
    ///
    /// @param newest the checkpoint to go on from
    /// @param behind rows it had not yet read at the checkpoint, but could have at its rate
    /// @param reported rows it had reported last, 0 for none
    /// @param age from the checkpoint's start to the kill
    /// @param reportedAge from the checkpoint's start to that report
    private record Killed(
            Checkpoint newest, long behind, long reported, Duration age, Duration reportedAge) {
        long redone() {
            return Math.max(0, reported - newest.records());
        }

        /// The rows that may have been read after the checkpoint and before the report. A source
        /// that is behind its rate catches up. Each subtask may be a batch ahead, and times are in
        /// milliseconds.
        long redoneMost() {
            return behind + rows(reportedAge) + PARALLELISM_MAX * 1_000L;
        }
    }

    @BeforeAll
    static void uninterrupted() throws Exception {
        expected = FlightsJob.uninterrupted(FILE, folder.resolve("whole"));
    }

    @Test
    void kill_atRandomMomentsAfterACheckpoint_leavesWhatTheUninterruptedRunLeaves()
            throws Exception {
        int kills = Integer.getInteger("aquifer.test.kills", 30);
        long seed = Long.getLong("aquifer.test.seed", System.nanoTime());
        System.out.printf("%d kills, to replay: -Daquifer.test.seed=%d%n", kills, seed);
        Random random = new Random(seed);
        job.addStrangers();
        int runs = 0;
        Killed last = null;
        while (all.size() < kills || last != null) {
            String what = "seed " + seed + ", kill " + all.size() + ", run " + runs;
            int parallelism = 1 + random.nextInt(PARALLELISM_MAX);
            Duration delay = Duration.ofMillis(random.nextInt(KILL_WITHIN_MILLIS));
            boolean justReported = random.nextBoolean();
            long highest = disk.highest();
            FlightsJob next = all.size() < kills ? job : job.atFullRate();
            try (Launched process = next.start(parallelism)) {
                assertStart(process, last, runs);
                boolean killed = false;
                if (all.size() < kills
                        && process.awaitOrEnd("a checkpoint", () -> disk.highest() > highest)
                        && !process.endsWithin(delay)
                        && (!justReported || awaitReport(process))) {
                    process.kill();
                    killed = true;
                }
                if (killed && !disk.isFinished()) {
                    last = killed(process, highest);
                    all.add(last);
                } else {
                    if (killed) {
                        // Only the report was missing.
                        job.assertSameOutput(expected());
                    } else {
                        long before = last == null ? 0 : last.newest().records();
                        job.assertFinished(process, before, expected());
                    }
                    last = null;
                    runs++;
                }
            } catch (Exception | AssertionError failed) {
                throw new AssertionError(what, failed);
            }
        }
        tell(runs);
    }

    /// Waits for the next line of progress: a kill right after one is a kill at a known row.
    private static boolean awaitReport(Launched process) throws InterruptedException {
        long lines = reports(process);
        return process.awaitOrEnd("a line of progress", () -> reports(process) > lines)
                && process.isAlive();
    }

    private static long reports(Launched process) {
        return process.outLines().stream()
                .filter(line -> PROGRESS.matcher(line.text()).matches())
                .count();
    }

    /// The first line after the banner says what the run began from.
    private void assertStart(Launched process, @Nullable Killed last, int runs)
            throws InterruptedException {
        if (last == null) {
            process.awaitOut(
                    runs == 0
                            ? "state in .*, a checkpoint every 500 ms"
                            : "the earlier run in .* had finished: starting afresh, its output is"
                                    + " replaced");
        } else {
            Checkpoint newest = last.newest();
            MatchResult resumed =
                    process.awaitOut(
                            "resumed from checkpoint (\\d+) \\((?:row ([\\d,]+) of "
                                    + Pattern.quote(FILE)
                                    + "|all input read)\\), (.*)");
            assertThat(Long.parseLong(resumed.group(1))).isEqualTo(newest.id());
            assertThat(resumed.group(3))
                    .isEqualTo(
                            newest.kind().equals("FINAL")
                                    ? "no work redone"
                                    : text(most(newest)) + " of work redone at most");
            if (newest.position() >= 0) {
                assertThat(resumed.group(2)).as("row of %s", newest).isNotNull();
                assertThat(FlightsJob.number(resumed.group(2)))
                        .isPositive()
                        .isEqualTo(newest.position());
            }
        }
        assertThat(process.outLines().get(1).text())
                .matches("(state in|the earlier run in|resumed from) .*");
    }

    /// The time whose work a resume says is redone at most: an interval, and what the next
    /// checkpoint takes when it takes more than a twentieth of it.
    private static Duration most(Checkpoint newest) {
        boolean quick = newest.took().multipliedBy(20).compareTo(INTERVAL) < 0;
        return quick ? INTERVAL : INTERVAL.plus(newest.took());
    }

    private static String text(Duration time) {
        return time.toMillis() < 1_000
                ? time.toMillis() + " ms"
                : time.plusMillis(999).toSeconds() + " s";
    }

    /// Checks what a killed process had done since its last checkpoint.
    private Killed killed(Launched process, long highestBefore) throws IOException {
        Instant at = Instant.now();
        List<Checkpoint> complete = disk.complete();
        Checkpoint newest = complete.getLast();
        assertThat(newest.id()).isEqualTo(disk.highest()).isGreaterThan(highestBefore);
        assertThat(newest.records()).isPositive();
        assertThat(disk.drafts()).as("checkpoints under way").hasSizeLessThanOrEqualTo(1);

        Duration age = Duration.between(newest.started(), at);
        Duration longest =
                complete.stream()
                        .map(Checkpoint::took)
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
        assertThat(age).isLessThanOrEqualTo(INTERVAL.plus(longest).plus(STANDSTILL));

        long reported = 0;
        Instant reportedAt = newest.started();
        for (Launched.Line line : process.outLines()) {
            Matcher progress = PROGRESS.matcher(line.text());
            if (progress.matches()) {
                reported = atLeast(progress.group(1), progress.group(2));
                reportedAt = line.at();
            }
        }
        long before = resumedWith(process);
        long behind =
                Math.max(
                        0,
                        rows(Duration.between(process.started(), newest.started()))
                                - (newest.records() - before));
        Killed killed =
                new Killed(
                        newest,
                        behind,
                        reported,
                        age,
                        Duration.between(newest.started(), reportedAt));
        if (killed.redone() > 0) {
            assertThat(killed.redone()).as("%s", killed).isLessThanOrEqualTo(killed.redoneMost());
        }
        return killed;
    }

    /// The rows that a process had from before.
    private long resumedWith(Launched process) {
        boolean resumed =
                process.outLines().stream()
                        .anyMatch(line -> line.text().startsWith("resumed from checkpoint"));
        return resumed ? all.getLast().newest().records() : 0;
    }

    /// The least that a number of three digits may stand for.
    private static long atLeast(String digits, String unit) {
        double scale = unit.isEmpty() ? 1 : unit.equals("k") ? 1e3 : 1e6;
        int point = digits.indexOf('.');
        double last = point < 0 ? 1 : Math.pow(10, point + 1 - digits.length());
        return (long) Math.max(0, (Double.parseDouble(digits) - last) * scale);
    }

    private static long rows(Duration time) {
        return Math.max(0, time.toMillis() + 2) * RATE / 1_000;
    }

    private void tell(int runs) {
        List<Duration> ages = all.stream().map(Killed::age).sorted().toList();
        long later =
                all.stream().filter(one -> one.age().compareTo(most(one.newest())) > 0).count();
        List<Long> redone = all.stream().map(Killed::redone).sorted().toList();
        System.out.printf(
                "%d kills in %d runs; from the last checkpoint to the kill: median %d ms, at most"
                        + " %d ms, %d times more than the resume said; rows known to be read again:"
                        + " median %,d, at most %,d%n",
                all.size(),
                runs,
                ages.get(ages.size() / 2).toMillis(),
                ages.getLast().toMillis(),
                later,
                redone.get(redone.size() / 2),
                redone.getLast());
    }

    private static FlightsJob.Result expected() {
        FlightsJob.Result result = expected;
        if (result == null) {
            throw new IllegalStateException("the uninterrupted run failed");
        }
        return result;
    }
}
