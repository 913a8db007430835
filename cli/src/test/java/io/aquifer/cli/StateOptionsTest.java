package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.time.Duration;
import java.util.Map;

class StateOptionsTest {
    @Test
    void properties_nothingGiven_leaveEverythingToTheJob() {
        assertThat(options().properties()).isEmpty();
        assertThat(options().stopTimeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void properties_everythingGiven_areTheEngines() {
        StateOptions options =
                options(
                        "--state",
                        "my state",
                        "--checkpoint-interval=500ms",
                        "--from-checkpoint",
                        "6",
                        "--force",
                        "--stop-timeout",
                        "1m");
        assertThat(options.properties())
                .containsOnly(
                        entry("aquifer.state.dir", "my state"),
                        entry("aquifer.checkpoint.interval.millis", "500"),
                        entry("aquifer.state.checkpoint", "6"),
                        entry("aquifer.state.force", "true"));
        assertThat(options.stopTimeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void properties_withoutADirectory_areGivenForTheJobsOwn() {
        assertThat(options("--force", "--checkpoint-interval", "1m").properties())
                .containsOnly(
                        entry("aquifer.checkpoint.interval.millis", "60000"),
                        entry("aquifer.state.force", "true"));
    }

    @Test
    void values_thatCannotBeRead_areRefusedWithWhatToWrite() {
        refused(options("--checkpoint-interval", "10"), "--checkpoint-interval: '10' has no unit");
        refused(options("--state", " "), "--state: the name of the directory is empty.");
        for (String number : new String[] {"0", "-1", "7.0", "last", "1234567890123456789"}) {
            refused(
                    options("--from-checkpoint", number),
                    "--from-checkpoint: '"
                            + number
                            + "' is not the number of a checkpoint, which is 1 or more. `aquifer"
                            + " state DIR` lists those there are.");
        }
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> options("--stop-timeout", "0s").stopTimeout())
                .withMessageStartingWith("--stop-timeout: '0s' is less than 1 ms.");
    }

    private static void refused(StateOptions options, String message) {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(options::properties)
                .withMessageStartingWith(message)
                .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE));
    }

    private static StateOptions options(String... words) {
        return CommandLine.populateCommand(new StateOptions(), words);
    }

    private static Map.Entry<String, String> entry(String key, String value) {
        return Map.entry(key, value);
    }
}
