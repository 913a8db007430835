package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.connector.SinkRun;
import io.aquifer.engine.checkpoint.CheckpointManifest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/// The coordinator, step by step.
///
/// Goal: what a sink handed over is committed once, with the first checkpoint that becomes complete
/// and whose barrier came behind it, whatever fails, is late or ends meanwhile.
@Timeout(60)
class CheckpointCoordinatorTest {
    @TempDir Path directory;

    private CheckpointBench bench() {
        return bench(CheckpointBench.INTERVAL);
    }

    private CheckpointBench bench(Duration interval) {
        return new CheckpointBench(directory.resolve("state"), interval);
    }

    @Test
    void allParts_areCommittedOnceTheManifestIsThere() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a", "b");
            assertThat(bench.log).isEmpty();
            assertThat(bench.coordinator.step()).isTrue();
            assertThat(bench.log).containsExactly("persist [a, b]", "commit [a, b]");
            assertThat(bench.directory.latest()).map(CheckpointManifest::id).contains(id);
            assertThat(bench.latestCommittables()).containsExactly("a", "b");
            assertThat(bench.coordinator.isUnderWay(id)).isFalse();
        }
    }

    @Test
    void partThatCouldNotBeWritten_failsTheCheckpointAndItsCommittablesGoWithTheNext()
            throws Exception {
        try (CheckpointBench bench = bench()) {
            long failed = bench.begin();
            bench.acknowledgeSink(failed, "a");
            for (Subtask subtask : bench.subtasks.subList(0, 2)) {
                bench.coordinator.acknowledge(
                        subtask, failed, bench.part(subtask, new IOException("disk full")));
            }
            bench.coordinator.step();
            assertThat(bench.statistics.progress().failed()).isEqualTo(1);
            assertThat(bench.statistics.progress().lastFailure())
                    .isEqualTo("checkpoint " + failed + ": disk full");
            assertThat(bench.directory.latest()).isEmpty();
            long next = bench.begin();
            assertThat(next).isGreaterThan(failed);
            bench.acknowledgeSources(next);
            bench.acknowledgeSink(next, "b");
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("a", "b");
            assertThat(bench.latestCommittables()).containsExactly("a", "b");
            assertThat(bench.failures).isEmpty();
        }
    }

    @Test
    void directoryThatRefuses_failsTheCheckpointAndTheJobGoesOn() throws Exception {
        try (CheckpointBench bench = bench()) {
            bench.breakDirectory(true);
            long refused = bench.begin();
            assertThat(bench.coordinator.isUnderWay(refused)).isFalse();
            bench.breakDirectory(false);
            long failed = bench.begin();
            bench.acknowledgeSources(failed);
            bench.acknowledgeSink(failed, "a");
            bench.breakDirectory(true);
            bench.coordinator.step();
            bench.breakDirectory(false);
            assertThat(bench.log).containsExactly("persist [a]");
            assertThat(bench.statistics.progress().failed()).isEqualTo(2);
            long next = bench.begin();
            bench.acknowledgeSources(next);
            bench.acknowledgeSink(next);
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("a");
            assertThat(bench.failures).isEmpty();
        }
    }

    @Test
    void partOfASubtaskThatEndsBehindTheBarrier_waitsForTheNextCheckpoint() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSink(id, "before");
            bench.coordinator.finished(
                    bench.sinkSubtask(), bench.part(bench.sinkSubtask(), null, "behind"));
            bench.acknowledgeSources(id);
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("before");
            assertThat(bench.latestCommittables()).containsExactly("before");
            long next = bench.begin();
            bench.acknowledgeSources(next);
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("before", "behind");
            assertThat(bench.latestCommittables()).containsExactly("behind");
        }
    }

    @Test
    void partOfASubtaskThatEndsBehindTheBarrier_isKeptWhenTheCheckpointFails() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSink(id, "before");
            bench.coordinator.finished(
                    bench.sinkSubtask(), bench.part(bench.sinkSubtask(), null, "behind"));
            bench.pass(CheckpointBench.TIMEOUT);
            bench.coordinator.step();
            assertThat(bench.log).isEmpty();
            long next = bench.begin();
            bench.acknowledgeSources(next);
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("before", "behind");
        }
    }

    @Test
    void checkpointThatTakesTooLong_isGivenUpAndSaysSo() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.pass(CheckpointBench.TIMEOUT);
            assertThat(bench.coordinator.isUnderWay(id)).isTrue();
            bench.coordinator.step();
            assertThat(bench.coordinator.isUnderWay(id)).isFalse();
            assertThat(bench.coordinator.draft(id)).isNull();
            assertThat(bench.statistics.progress().lastFailure())
                    .isEqualTo(
                            "checkpoint %d: it was not complete after 60 s: records did not get through to every operator"
                                    .formatted(id));
            assertThat(bench.failures).isEmpty();
        }
    }

    @Test
    void acknowledgementOfACheckpointThatWasGivenUp_isCommittedWithTheNext() throws Exception {
        try (CheckpointBench bench = bench()) {
            long late = bench.begin();
            bench.acknowledgeSources(late);
            bench.pass(CheckpointBench.TIMEOUT);
            bench.coordinator.step();
            long next = bench.begin();
            bench.acknowledgeSink(late, "late");
            bench.acknowledgeSources(next);
            assertThat(bench.directory.latest()).isEmpty();
            bench.acknowledgeSink(next, "in time");
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("late", "in time");
            assertThat(bench.latestCommittables()).containsExactly("late", "in time");
        }
    }

    @Test
    void stop_takesALastCheckpointAndNoneAfterIt() throws Exception {
        try (CheckpointBench bench = bench()) {
            bench.coordinator.stop();
            long id = bench.directory.nextId();
            bench.coordinator.step();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.coordinator.step();
            assertThat(bench.directory.latest())
                    .map(CheckpointManifest::kind)
                    .contains(CheckpointManifest.Kind.STOP);
            bench.pass(CheckpointBench.INTERVAL.multipliedBy(3));
            bench.coordinator.close();
            assertThat(bench.coordinator.step()).isFalse();
            assertThat(bench.committed).containsExactly("a");
            assertThat(bench.directory.nextId()).isEqualTo(id + 1);
            assertThat(bench.failures).isEmpty();
        }
    }

    @Test
    void stopDuringACheckpoint_waitsForIt() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.coordinator.stop();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.coordinator.step();
            assertThat(bench.committed).containsExactly("a");
            bench.coordinator.step();
            assertThat(bench.coordinator.isUnderWay(id + 1)).isTrue();
        }
    }

    @Test
    void stopWhoseCheckpointFails_cancels() throws Exception {
        try (CheckpointBench bench = bench()) {
            bench.coordinator.stop();
            bench.coordinator.step();
            bench.pass(CheckpointBench.TIMEOUT);
            bench.coordinator.step();
            assertThat(bench.failures).hasExactlyElementsOfTypes(CanceledException.class);
            assertThat(bench.statistics.progress().failed()).isEqualTo(1);
        }
    }

    @Test
    void stopThatCannotBegin_cancels() throws Exception {
        try (CheckpointBench bench = bench()) {
            bench.breakDirectory(true);
            bench.coordinator.stop();
            bench.coordinator.step();
            bench.breakDirectory(false);
            assertThat(bench.failures).hasExactlyElementsOfTypes(CanceledException.class);
        }
    }

    @Test
    void intervalOfZero_takesTheLastCheckpointOnly() throws Exception {
        try (CheckpointBench bench = bench(Duration.ZERO)) {
            bench.pass(Duration.ofDays(1));
            bench.coordinator.stop();
            bench.coordinator.step();
            assertThat(bench.coordinator.isUnderWay(1)).isTrue();
        }
    }

    @Test
    void endlessInterval_takesNone() throws Exception {
        try (CheckpointBench bench = bench(ChronoUnit.FOREVER.getDuration())) {
            bench.pass(Duration.ofDays(1));
            bench.coordinator.close();
            assertThat(bench.coordinator.step()).isFalse();
            assertThat(bench.directory.nextId()).isEqualTo(1);
        }
    }

    @Test
    void close_completesACheckpointThatHasAllItsParts() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.coordinator.close();
            assertThat(bench.coordinator.step()).isTrue();
            assertThat(bench.committed).containsExactly("a");
            assertThat(bench.coordinator.step()).isFalse();
        }
    }

    @Test
    void close_givesUpACheckpointThatLacksAPartAndCountsNoFailure() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.coordinator.close();
            assertThat(bench.coordinator.step()).isFalse();
            assertThat(bench.directory.latest()).isEmpty();
            assertThat(bench.statistics.progress().failed()).isZero();
        }
    }

    @Test
    void sinkThatCannotPersist_endsTheAttemptAndMayRemoveItsOutput() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.refuse("persist");
            bench.coordinator.run();
            assertThat(bench.failures).hasSize(1);
            assertThat(bench.failures.getFirst()).hasMessageContaining("refused");
            assertThat(bench.directory.latest()).isEmpty();
            bench.sinks.close(true);
            assertThat(bench.log).containsExactly("abort []");
        }
    }

    @Test
    void sinkThatCannotCommit_endsTheAttemptAndKeepsWhatTheCheckpointHolds() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.refuse("commit");
            bench.coordinator.run();
            assertThat(bench.failures).hasSize(1);
            assertThat(bench.latestCommittables()).containsExactly("a");
            bench.sinks.close(true);
            assertThat(bench.log).containsExactly("persist [a]");
        }
    }

    @Test
    void restoredCommittablesThatCannotBeCommitted_areNotRemoved() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.refuse("commit");
            bench.coordinator.run();
            bench.sinks.close(true);
            SinkCommits next = new SinkCommits();
            SinkRun run = new SinkRun("bench", bench.directory.runId(), id);
            bench.refuse("commit");
            assertThatThrownBy(() -> next.open(bench.graph, run, bench.restored()))
                    .hasMessageContaining("refused");
            next.close(true);
            SinkCommits afterThat = new SinkCommits();
            afterThat.open(bench.graph, run, bench.restored());
            afterThat.close(false);
            assertThat(bench.log).containsExactly("persist [a]", "commit [a]");
        }
    }

    @Test
    void attemptThatEndsBehindACheckpoint_removesWhatFollowedIt() throws Exception {
        try (CheckpointBench bench = bench()) {
            long id = bench.begin();
            bench.acknowledgeSources(id);
            bench.acknowledgeSink(id, "a");
            bench.coordinator.step();
            bench.sinks.close(true);
            assertThat(bench.log).containsExactly("persist [a]", "commit [a]", "abort []");
        }
    }

    @Test
    void finish_commitsWhatIsLeftAndNotesTheEnd() throws Exception {
        try (CheckpointBench bench = bench()) {
            for (Subtask subtask : bench.subtasks) {
                bench.coordinator.finished(subtask, bench.part(subtask, null, "rest"));
            }
            bench.coordinator.close();
            assertThat(bench.coordinator.step()).isFalse();
            bench.coordinator.finish();
            assertThat(bench.log).containsExactly("persist [rest]", "commit [rest]");
            assertThat(bench.directory.latest())
                    .map(CheckpointManifest::kind)
                    .contains(CheckpointManifest.Kind.FINAL);
            assertThatThrownBy(() -> bench.directory.begin(bench.directory.nextId()))
                    .hasMessageContaining("finished");
            bench.sinks.close(true);
            assertThat(bench.log).doesNotContain("abort []");
        }
    }

    @Test
    void finishWhenTheDirectoryRefuses_commitsNevertheless() throws Exception {
        try (CheckpointBench bench = bench()) {
            for (Subtask subtask : bench.subtasks) {
                bench.coordinator.finished(subtask, bench.part(subtask, null, "rest"));
            }
            bench.coordinator.close();
            bench.coordinator.step();
            bench.breakDirectory(true);
            bench.coordinator.finish();
            bench.breakDirectory(false);
            assertThat(bench.committed).containsExactly("rest");
            assertThat(bench.statistics.progress().failed()).isEqualTo(2);
        }
    }

    /// One subtask as the coordinator sees it: barriers come, are answered at once, late or not at
    /// all, and at some time it ends.
    private static final class Player {
        final Subtask subtask;
        final int number;
        final Deque<Long> barriers = new ArrayDeque<>();
        final List<Long> snapshots = new ArrayList<>();
        long writing;
        long endedBehind = -1;
        long acknowledged;

        Player(Subtask subtask, int number) {
            this.subtask = subtask;
            this.number = number;
        }

        boolean ended() {
            return endedBehind >= 0;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void anyHistory_commitsEverythingOnceAndNothingTooEarly(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        for (int history = 0; history < 20; history++) {
            Path path = directory.resolve("history " + history);
            Files.createDirectory(path);
            try (CheckpointBench bench =
                    new CheckpointBench(path.resolve("state"), CheckpointBench.INTERVAL)) {
                play(bench, random, "seed " + seed + " history " + history);
            }
        }
    }

    private static void play(CheckpointBench bench, SplittableRandom random, String name)
            throws Exception {
        Player writer = new Player(bench.sinkSubtask(), 2);
        List<Player> players =
                List.of(
                        new Player(bench.subtasks.get(0), 0),
                        new Player(bench.subtasks.get(1), 1),
                        writer);
        List<String> moves = new ArrayList<>();
        long pending = 0;
        long latest = 0;
        for (int move = 0; move < 300 && !players.stream().allMatch(Player::ended); move++) {
            Player player = players.get(random.nextInt(players.size()));
            int choice = random.nextInt(100);
            boolean sources = players.subList(0, 2).stream().anyMatch(p -> !p.ended());
            if (pending != 0 && !bench.coordinator.isUnderWay(pending)) {
                pending = 0;
            }
            if (pending != 0 && isComplete(players, pending) && choice < 50) {
                boolean refuses = random.nextInt(4) == 0;
                if (refuses) {
                    bench.breakDirectory(true);
                }
                bench.coordinator.step();
                if (refuses) {
                    bench.breakDirectory(false);
                }
                moves.add((refuses ? "refuse " : "complete ") + pending);
                latest = refuses ? latest : pending;
                pending = 0;
                assertThat(bench.committed)
                        .as("%s: %s", name, moves)
                        .containsExactlyInAnyOrderElementsOf(due(writer, latest));
            } else if (pending == 0 && choice < 10 && sources) {
                pending = bench.begin();
                moves.add("begin " + pending);
                for (Player each : players) {
                    each.barriers.add(pending);
                }
            } else if (pending != 0 && choice < 3 && !isComplete(players, pending)) {
                bench.pass(CheckpointBench.TIMEOUT);
                bench.coordinator.step();
                moves.add("time out " + pending);
                pending = 0;
            } else if (!player.ended() && player.writing != 0) {
                String committable = player.writing + " of " + player.number;
                bench.coordinator.acknowledge(
                        player.subtask,
                        player.writing,
                        bench.part(player.subtask, null, committable));
                moves.add("acknowledge " + committable);
                player.acknowledged = player.writing;
                player.snapshots.add(player.writing);
                player.writing = 0;
            } else if (!player.ended() && !player.barriers.isEmpty()) {
                long barrier = player.barriers.remove();
                player.writing = bench.coordinator.draft(barrier) == null ? 0 : barrier;
                moves.add(player.number + " at " + barrier);
            } else if (!player.ended() && choice >= 97) {
                player.endedBehind = player.acknowledged;
                bench.coordinator.finished(player.subtask, bench.part(player.subtask, null, "end"));
                moves.add("end of " + player.number);
            }
        }
        for (Player player : players) {
            if (!player.ended()) {
                bench.coordinator.finished(player.subtask, bench.part(player.subtask, null, "end"));
                player.endedBehind = player.acknowledged;
            }
        }
        bench.coordinator.close();
        bench.coordinator.run();
        bench.coordinator.finish();
        assertThat(bench.failures).as("%s: %s", name, moves).isEmpty();
        assertThat(bench.committed)
                .as("%s: %s", name, moves)
                .containsExactlyInAnyOrderElementsOf(due(writer, Long.MAX_VALUE));
    }

    private static boolean isComplete(List<Player> players, long pending) {
        return players.stream().allMatch(p -> p.ended() || p.acknowledged == pending);
    }

    /// What the sink's subtask handed over before the barrier of a checkpoint.
    private static List<String> due(Player writer, long checkpoint) {
        List<String> due = new ArrayList<>();
        for (long snapshot : writer.snapshots) {
            if (snapshot <= checkpoint) {
                due.add(snapshot + " of " + writer.number);
            }
        }
        if (writer.ended() && writer.endedBehind < checkpoint) {
            due.add("end");
        }
        return due;
    }
}
