package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command line in this JVM: help, memory plans and mistakes. Running jobs needs the launcher.
class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({"help.txt, --help", "help-run.txt, run --help", "help-demo.txt, demo -h", "help-memory.txt, memory --help", "memory-256m.txt, memory 256m --slots 2"})
    void run_helpAndPlans_readAsTheGoldenFile(String golden, String words) throws IOException {
        assertThat(run(words.split(" ", -1))).isEqualTo(ExitCode.OK);
        try (InputStream text = MainTest.class.getResourceAsStream(golden)) {
            assertThat(text).as(golden).isNotNull();
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "rnu | there is no command 'rnu'. Did you mean run?",
        "xyz | there is no command 'xyz'.",
        "demo | aquifer demo needs more",
        "demo flihgts | there is no demo 'flihgts'; there are flights and wordcount",
        "run a.java b.java | 'b.java' is one word too many; arguments for the job follow --",
        "run a.java --memroy 1g | there is no option --memroy. Did you mean --memory?",
        "run a.java --memory | --memory needs a value: --memory SIZE",
        "run a.java --json=yes | --json takes no value, got 'yes'",
        "run a.java -m 1g -m2g | --memory is given twice",
        "memory 1g --slots none | --parallelism: 'none' is not a number",
    })
    void run_mistakes_areNamedWithWhereToLook(String words, String text) {
        assertThat(run(words.split(" ", -1))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("aquifer: ").contains(text);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void run_nothing_namesTheCommands() {
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("no command; there are demo, run, memory.");
    }

    @Test
    void run_jobWithoutTheLauncher_saysHowToStart() {
        assertThat(run("run", "Job.java")).isEqualTo(ExitCode.INSTALLATION);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("this JVM was not started by the launcher").contains("./aquifer run");
    }

    @Test
    void run_memoryAsJson_addsUpToTheBudget() {
        assertThat(run("memory", "2g", "--slots", "4", "--json")).isEqualTo(ExitCode.OK);
        String json = out.toString(StandardCharsets.UTF_8);
        assertThat(json).contains("\"memoryBytes\" : 2147483648").contains("\"codeCache\" : ").contains("-Daquifer.parallelism=4");
        long sum = json.lines().filter(line -> line.matches("    \"\\w+\" : \\d+,?")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
        assertThat(sum).isEqualTo(2_147_483_648L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-m 2g", "-m2g", "-m=2g", "--memory 2g", "--memory=2g"})
    void parse_everyWayToGiveAValue_isTheSame(String memory) {
        List<String> words = List.of(("job.jar " + memory + " --input in -- --memory x").split(" ", -1));
        Words parsed = Words.parse(JobCommand.RUN, words);
        assertThat(parsed.options()).containsExactlyInAnyOrderEntriesOf(Map.of("--memory", "2g", "--input", "in"));
        assertThat(parsed.operands()).containsExactly("job.jar");
        assertThat(parsed.rest()).containsExactly("--memory", "x");
    }

    private ExitCode run(String... words) {
        Surroundings surroundings =
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        Path.of("."),
                        Path.of("target"));
        return Main.run(surroundings, words);
    }
}
