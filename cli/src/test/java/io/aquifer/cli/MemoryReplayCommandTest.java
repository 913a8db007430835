package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// `aquifer memory replay` on the example trace of the memory module, and on what is none. What the
/// figures mean is tested there.
class MemoryReplayCommandTest {
    private static final Path EXAMPLE =
            Path.of("..", "memory", "src", "test", "resources", "io", "aquifer", "memory")
                    .resolve("example.trace");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir Path directory;

    @Test
    void call_withoutPolicies_comparesAllFour() {
        assertThat(run("memory", "replay", EXAMPLE.toString())).isZero();
        assertThat(out().lines().map(line -> line.split(" {2,}", -1)[0]))
                .startsWith(
                        EXAMPLE + ": 30.1 ms, 327 events, budget 2.8 MiB",
                        "model: spills 400.0 MiB/s, 100.0 us to reach another owner, a wait fails"
                                + " after 10.00 s",
                        "",
                        "policy",
                        "elastic",
                        "fair-share",
                        "fixed",
                        "priority",
                        "",
                        "elastic");
        assertThat(out()).contains("greedy / state (6/6)").doesNotContain("warning");
        assertThat(err()).isEmpty();
        String first = out();
        out.reset();
        assertThat(run("memory", "replay", EXAMPLE.toString())).isZero();
        assertThat(out()).as("the same again").isEqualTo(first);
    }

    @Test
    void call_chosenPolicies_asJson_isOneObject() {
        assertThat(
                        run(
                                "memory",
                                "replay",
                                EXAMPLE.toString(),
                                "--json",
                                "--policy",
                                "priority",
                                "--policy=fixed(greedy=0.5,join=0.5)"))
                .isZero();
        assertThat(out())
                .startsWith("{\n  \"trace\" : ")
                .contains("\"policy\" : \"priority\"")
                .contains("\"policy\" : \"fixed(greedy=0.5,join=0.5)\"")
                .contains("\"unmatchedPatterns\" : [\n        \"join\"\n      ]")
                .doesNotContain("elastic")
                .endsWith("}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "elastik | --policy: there is no allocation policy 'elastik'. Did you mean elastic?"
                        + " There are elastic, fair-share, fixed, priority.",
                "fixed(windows=0.6,join=0.5) | --policy: the fractions of a fixed policy must not"
                        + " exceed the pool: windows=0.6 + join=0.5 = 1.1 of the pool. Lower them"
                        + " by 0.1.",
            })
    void call_policyThatCannotBe_isRefused(String policy, String message) {
        assertThat(run("memory", "replay", EXAMPLE.toString(), "--policy", policy))
                .isEqualTo(ExitCode.USAGE.code);
        assertThat(err()).isEqualTo("aquifer: " + message + "\n");
        assertThat(out()).isEmpty();
    }

    @Test
    void call_missingFile_isRefused() {
        Path missing = directory.resolve("missing.trace");
        assertThat(run("memory", "replay", missing.toString()))
                .isEqualTo(ExitCode.INPUT_OUTPUT.code);
        assertThat(err())
                .isEqualTo(
                        "aquifer: cannot read the memory trace '"
                                + missing
                                + "': there is no such file.\n");
        assertThat(run("memory", "replay", "a\0b")).isEqualTo(ExitCode.USAGE.code);
        assertThat(err()).contains("is no name of a file");
    }

    @Test
    void call_fileThatIsNoTrace_isRefused() {
        assertThat(run("memory", "replay", "pom.xml")).isEqualTo(ExitCode.INPUT_OUTPUT.code);
        assertThat(err())
                .isEqualTo(
                        "aquifer: 'pom.xml' is not a memory trace: its first line is not"
                                + " 'aquifer-memory-trace VERSION'. Record one with"
                                + " -Daquifer.memory.trace=FILE.\n");
    }

    @Test
    void call_truncatedTrace_isRefusedWithTheRemedyThatWorks() throws IOException {
        String text = Files.readString(EXAMPLE);
        Path cut = directory.resolve("cut.trace");
        Files.writeString(cut, text.substring(0, text.indexOf('\n', text.length() / 2) + 1));
        assertThat(run("memory", "replay", cut.toString())).isEqualTo(ExitCode.INPUT_OUTPUT.code);
        assertThat(err())
                .contains("the trace stops without its last line 'TIME end'")
                .contains("Append the line '");
        String remedy = err().replaceAll("(?s).*Append the line '(\\d+ end)'.*", "$1");
        Files.writeString(cut, Files.readString(cut) + remedy + "\n");
        assertThat(run("memory", "replay", cut.toString())).isZero();
        assertThat(out()).contains("greedy / state (6/6)");
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int run(String... words) {
        return Main.run(
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        "./aquifer",
                        Path.of("."),
                        Path.of("target")),
                words);
    }
}
