package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Signals one after another, with the deadlines in the test's hand.
class InterruptsTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> done = new ArrayList<>();
    private final Deque<Runnable> due = new ArrayDeque<>();
    private Interrupts.Asked asked = Interrupts.Asked.STOP;
    private boolean running = true;
    private long checkpoint = 12;

    private final Interrupts interrupts =
            new Interrupts(
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    new Interrupts.Jobs() {
                        @Override
                        public Interrupts.Asked stop() {
                            done.add("stop");
                            return asked;
                        }

                        @Override
                        public boolean cancel() {
                            done.add("cancel");
                            return running;
                        }

                        @Override
                        public long lastCheckpoint() {
                            return checkpoint;
                        }
                    },
                    new Interrupts.Ending(
                            Duration.ofSeconds(5), "./aquifer run Job.java --state 'my state'"),
                    (delay, action) -> {
                        done.add("in " + delay.toSeconds() + " s");
                        due.add(action);
                    },
                    code -> done.add("exit " + code.code));

    @Test
    void handle_firstSignalWithState_stopsWithALastCheckpoint() {
        interrupts.handle(ExitCode.INTERRUPTED);
        assertThat(done).containsExactly("stop", "in 5 s");
        assertThat(errors())
                .isEqualTo("aquifer: stopping with a last checkpoint; once more exits at once\n");
        assertThat(interrupts.received()).isEqualTo(ExitCode.INTERRUPTED);
    }

    @Test
    void handle_stopThatTakesTooLong_cancelsSaysHowToResumeThenExits() {
        interrupts.handle(ExitCode.TERMINATED);
        due.remove().run();
        assertThat(done).containsExactly("stop", "in 5 s", "cancel", "in 20 s");
        assertThat(errors())
                .endsWith(
                        "aquifer: the job did not stop within 5 s (--stop-timeout); cancelling it."
                                + " The last complete checkpoint, 12, stays usable. Resume with:\n"
                                + "  ./aquifer run Job.java --state 'my state'\n");
        due.remove().run();
        assertThat(done).last().isEqualTo("exit 143");
        assertThat(errors())
                .endsWith(
                        "aquifer: the job did not end within 20 s after it was cancelled;"
                                + " exiting.\n");
    }

    @Test
    void handle_stopThatTakesTooLongBeforeAnyCheckpoint_saysThatItBeginsAnew() {
        checkpoint = 0;
        interrupts.handle(ExitCode.INTERRUPTED);
        due.remove().run();
        assertThat(errors())
                .contains(
                        "cancelling it. It has no complete checkpoint: the next start begins anew."
                                + " Start again with:\n  ./aquifer run");
    }

    /// The job has ended, and the program's main method goes on.
    @Test
    void handle_jobThatHasStoppedInTime_isNotCalledLate() {
        interrupts.handle(ExitCode.INTERRUPTED);
        running = false;
        due.remove().run();
        assertThat(errors()).doesNotContain("did not stop");
        assertThat(done).last().isEqualTo("in 20 s");
    }

    @Test
    void handle_withoutState_cancels() {
        asked = Interrupts.Asked.CANCEL;
        interrupts.handle(ExitCode.INTERRUPTED);
        assertThat(done).containsExactly("stop", "in 20 s");
        assertThat(errors()).isEqualTo("aquifer: cancelling; once more exits at once\n");
        due.remove().run();
        assertThat(done).last().isEqualTo("exit 130");
    }

    @Test
    void handle_secondSignal_exitsAtOnceWithItsOwnCode() {
        interrupts.handle(ExitCode.INTERRUPTED);
        interrupts.handle(ExitCode.TERMINATED);
        assertThat(done).containsExactly("stop", "in 5 s", "exit 143");
        assertThat(interrupts.received()).isEqualTo(ExitCode.INTERRUPTED);
    }

    @Test
    void handle_whenNoJobRuns_exitsAtOnce() {
        asked = Interrupts.Asked.NOTHING;
        interrupts.handle(ExitCode.INTERRUPTED);
        assertThat(done).containsExactly("stop", "exit 130");
        assertThat(errors()).isEmpty();
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
