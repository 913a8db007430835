package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/// The command line in this JVM: help, memory plans and mistakes. Running jobs needs the launcher.
class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({
        "help.txt, --help",
        "help-run.txt, run --help",
        "help-demo.txt, demo -h",
        "help-memory.txt, memory --help",
        "help-memory-replay.txt, memory replay --help",
        "help-state.txt, state --help",
        "memory-256m.txt, memory 256m --slots 2"
    })
    void run_helpAndPlans_readAsTheGoldenFile(String golden, String words) throws IOException {
        assertThat(run(words.split(" ", -1))).isEqualTo(ExitCode.OK.code);
        try (InputStream text = MainTest.class.getResourceAsStream(golden)) {
            assertThat(text).as(golden).isNotNull();
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .isEqualTo(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "runn | there is no command 'runn'. Did you mean run?",
                "xyz | there is no command 'xyz'; there are demo, run, memory, state.",
                "--memory 1g run a.java | there is no option --memory.",
                "demo | Missing required parameter: 'flights|wordcount'.",
                "run -- a.java | Missing required parameter: 'JOB.java|JOB.jar'.",
                "demo flihgts | there is no demo 'flihgts'; there are flights and wordcount",
                "run a.java b.java | 'b.java' is one word too many; a job's own arguments follow"
                        + " --.",
                "run a.java --memroy 1g | there is no option --memroy. Did you mean --memory",
                "run --memroy 1g | there is no option --memroy. Did you mean --memory",
                "run a.java --memory | Missing required parameter for option '--memory' (SIZE).",
                "run a.java --memory -- 1g | Missing required parameter for option '--memory'"
                        + " (SIZE).",
                "run a.java --memory --json | Expected parameter for option '--memory' but found"
                        + " '--json'.",
                "run a.java --json=yes | option '--json' should be specified without 'yes'"
                        + " parameter.",
                "run a.java -m 1g -m2g | option '--memory' (SIZE) should be specified only once.",
                "run a.java --spill-dir= | --spill-dir: the name of the directory is empty.",
                "run a.java --memory-trace= | --memory-trace: the name of the file is empty.",
                "run a.java --memory-policy elastik | --memory-policy: there is no allocation",
                "run a.java --checkpoint-interval 10 | --checkpoint-interval: '10' has no unit."
                        + " Write 10ms, 10s, 10m or 10h.",
                "run a.java --stop-timeout 0s | --stop-timeout: '0s' is less than 1 ms.",
                "demo flights --from-checkpoint 0 | --from-checkpoint: '0' is not the number of a"
                        + " checkpoint",
                "run a.java --state | Missing required parameter for option '--state' (DIR).",
                "run a.java --state --force | Expected parameter for option '--state' but found"
                        + " '--force'.",
                "run a.java --checkpoint-intervall 1s | there is no option --checkpoint-intervall."
                        + " Did you mean --checkpoint-interval?",
                "state | Missing required parameter: 'DIR'.",
                "state s --checkpoint x | --checkpoint: 'x' is not the number of a checkpoint",
                "memory 2g replay t | nothing stands between memory and replay",
                "memory --json replay t | nothing stands between memory and replay",
                "memory replay | Missing required parameter: 'TRACE'.",
                "memory replay t --polcy x | there is no option --polcy. Did you mean --policy?",
                "memory 1g --slots none | --parallelism: 'none' is not a number",
            })
    void run_mistakes_areNamedWithWhereToLook(String words, String text) {
        assertThat(run(words.split(" ", -1))).isEqualTo(ExitCode.USAGE.code);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("aquifer: ").contains(text);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void run_nothing_namesTheCommands() {
        assertThat(run()).isEqualTo(ExitCode.USAGE.code);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("no command; there are demo, run, memory, state.");
    }

    @Test
    void run_jobWithoutTheLauncher_saysHowToStart() {
        assertThat(run("run", "Job.java")).isEqualTo(ExitCode.INSTALLATION.code);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("this JVM was not started by the launcher")
                .contains("./aquifer run");
    }

    @Test
    void run_memoryAsJson_addsUpToTheBudget() {
        assertThat(run("memory", "2g", "--slots", "4", "--json")).isEqualTo(ExitCode.OK.code);
        String json = out.toString(StandardCharsets.UTF_8);
        assertThat(json)
                .contains("\"memoryBytes\" : 2147483648")
                .contains("\"codeCache\" : ")
                .contains("-Daquifer.parallelism=4");
        long sum =
                json.lines()
                        .filter(line -> line.matches("    \"\\w+\" : \\d+,?"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
        assertThat(sum).isEqualTo(2_147_483_648L);
    }

    /// That the words are taken shows in the refusal, which is that of a job without its launcher.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "run job.jar -m 2g",
                "run job.jar -m2g",
                "run -m=2g job.jar",
                "run --memory 2g job.jar --json",
                "demo flights --memory=2g -p 2",
                "run job.jar --state=s --checkpoint-interval 500ms --stop-timeout 1m",
                "run --state s --from-checkpoint 6 --force job.jar",
                "run --spill-dir /var/tmp job.jar",
                "run job.jar --memory-policy fixed(windows=0.6,join=0.3) --memory-trace=t",
                "demo -p2 flights --output -x --input=in --stacktrace -- --memory x --unknown",
            })
    void run_everyWayToGiveAValue_isTaken(String words) {
        assertThat(run(words.split(" ", -1))).isEqualTo(ExitCode.INSTALLATION.code);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("aquifer: this JVM was not started by the launcher");
    }

    @Test
    void exitCodes_inTheDocument_areThese() throws IOException {
        String table =
                Arrays.stream(ExitCode.values())
                        .map(code -> "| " + code.code + " | " + code.meaning + " |\n")
                        .collect(Collectors.joining());
        assertThat(Files.readString(Path.of("..", "docs", "cli.md"))).contains(table);
    }

    /// A word that begins with @ is a word, not a file of words.
    @Test
    void run_wordWithAnAt_isNotExpanded() {
        assertThat(run("memory", "@pom.xml")).isEqualTo(ExitCode.MEMORY.code);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("cannot read '@pom.xml' as a memory size");
    }

    private int run(String... words) {
        Surroundings surroundings =
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        "./aquifer",
                        Path.of("."),
                        Path.of("target"));
        return Main.run(surroundings, words);
    }
}
