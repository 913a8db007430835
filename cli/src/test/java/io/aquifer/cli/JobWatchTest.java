package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.JobState;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

class JobWatchTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final JobWatch watch = watch(false);

    @Test
    void jobStarted_withState_saysInOneLineHowItBegan() {
        watch.jobStarted(SampleJob.of(JobStart.Kind.RESUMED));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "resumed from checkpoint 7 (row 1,203,114 of flights-3m.parquet), 10 s of"
                                + " work redone at most\n");
    }

    @Test
    void jobStarted_withoutStateOrQuiet_saysNothing() {
        watch.jobStarted(SampleJob.of(JobStart.Kind.WITHOUT_STATE));
        watch(true).jobStarted(SampleJob.of(JobStart.Kind.RESUMED));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void stop_severalJobs_stopsEachAndSaysWhetherACheckpointIsTaken() {
        assertThat(watch(true).stop()).isEqualTo(Interrupts.Asked.NOTHING);
        SampleJob without = SampleJob.of(JobStart.Kind.WITHOUT_STATE);
        JobWatch first = watch(true);
        first.jobStarted(without);
        assertThat(first.stop()).isEqualTo(Interrupts.Asked.CANCEL);
        SampleJob with = SampleJob.of(JobStart.Kind.FIRST);
        watch.jobStarted(with);
        watch.jobStarted(without);
        assertThat(watch.stop()).isEqualTo(Interrupts.Asked.STOP);
        assertThat(with.asked()).containsExactly("stop");
        assertThat(without.asked()).containsExactly("stop", "stop");
        assertThat(watch.lastCheckpoint()).isEqualTo(12);
        assertThat(watch.cancel()).isTrue();
        assertThat(with.asked()).containsExactly("stop", "cancel");
    }

    @Test
    void stop_jobThatStartsLater_isCancelled() {
        watch.stop();
        SampleJob late = SampleJob.of(JobStart.Kind.FIRST);
        watch.jobStarted(late);
        assertThat(late.asked()).containsExactly("cancel");
    }

    @Test
    void jobFinished_keepsHowTheJobBegan() {
        SampleJob job = SampleJob.of(JobStart.Kind.RESUMED);
        watch.jobStarted(job);
        watch.jobFinished(new JobReport(job.progress(), JobState.STOPPED, null, List.of()));
        assertThat(watch.finished())
                .singleElement()
                .satisfies(
                        ended -> {
                            assertThat(ended.start()).isEqualTo(job.start());
                            assertThat(ended.rowsRead()).isEqualTo(3_000_000 - 1_203_114);
                        });
        assertThat(watch.cancel()).isFalse();
        assertThat(watch.lastCheckpoint()).isZero();
        assertThat(watch.anyFailed()).isFalse();
    }

    private JobWatch watch(boolean quiet) {
        Screen screen = new Screen(new PrintStream(out, true, StandardCharsets.UTF_8), 0, false);
        return new JobWatch(screen, new ProcessMemory(part -> 0), 256 << 20, quiet);
    }
}
