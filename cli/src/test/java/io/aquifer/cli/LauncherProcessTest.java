package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The launcher as a user starts it: a process, its two streams and its exit code.
class LauncherProcessTest {
    private static final Path HOME =
            Path.of(System.getProperty("aquifer.home", "..")).toAbsolutePath().normalize();

    @TempDir static Path cache;
    @TempDir Path folder;

    /// The first start prepares the start cache and says so, and leaves nothing where the user is;
    /// the tests see second starts.
    @BeforeAll
    static void firstStart(@TempDir Path here) throws Exception {
        Ended first = end(builder("--version").directory(here.toFile()));
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).isEqualTo("preparing fast starts, once (some seconds) ...\n");
        assertThat(here).isEmptyDirectory();
    }

    @Test
    void start_version_isOneLineWithoutAWarning() throws Exception {
        Ended ended = start("--version");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).matches("aquifer \\S+ \\(JDK 25\\S*\\)\n");
        assertThat(ended.code()).isZero();
    }

    @Test
    void start_help_isTheHelpWithoutAWarning() throws Exception {
        Ended ended = start("--help");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).contains("Usage: aquifer COMMAND", "Exit codes:");
        assertThat(ended.code()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "demo flights --memory 10m | 4 | is less than the smallest budget of | Give at"
                        + " least --memory",
                "demo flights --memory=lots | 4 | cannot read 'lots' as a memory size | \"2g\"",
                "demo flights --memory 900t | 4 | is more than | Give at most --memory",
                "demo flights -p 0 | 2 | '0' is not a number from 1 to 9999 | leave it out",
                "demo flights -mlots | 4 | cannot read 'lots' as a memory size | \"2g\"",
                "demo flights --memory --json | 2 | Expected parameter for option '--memory' but"
                        + " found '--json' | aquifer demo --help",
                "demo flights --memory -- 10m | 2 | Missing required parameter for option"
                        + " '--memory' | aquifer demo --help",
                "demo flights --output -x -m=10m | 4 | --memory 10m is less than the smallest"
                        + " budget of | Give at least --memory",
                "runn | 2 | there is no command 'runn' | Did you mean run?",
                "run Job.java --state run --checkpoint-interval 10 --memory 256m | 2 |"
                        + " --checkpoint-interval: '10' has no unit | Write 10ms, 10s",
                "state none | 7 | there is no directory 'none' (looked for | Give the one that"
                        + " --state named",
                "run none.java --memory 256m | 5 | no job file 'none.java' | aquifer run Job.java",
            })
    void start_badInput_saysWhatAndWhatToDoWithItsCode(
            String words, int code, String what, String action) throws Exception {
        Ended ended = start(words.split(" ", -1));
        assertThat(ended.err())
                .startsWith("aquifer: ")
                .contains(what, action)
                .doesNotContain("\tat ");
        assertThat(ended.code()).isEqualTo(code);
    }

    /// The word count asks for 2 GiB in its code; the launcher's budget is a ceiling.
    @Test
    void start_jobThatAsksForMoreThanTheBudget_saysBothInOneSentence() throws Exception {
        Ended ended = start("demo", "wordcount", "--memory", "1g");
        assertThat(ended.err())
                .isEqualTo(
                        "aquifer: job 'wordcount' did not start: setMemory asks for 2.0 GiB, but"
                                + " the process was started with a budget of 1.0 GiB. Start it with"
                                + " --memory 2048m, or let setMemory ask for no more than that.\n");
        assertThat(ended.code()).isEqualTo(4);
    }

    @Test
    void start_jobThatDoesNotCompile_showsTheLine() throws Exception {
        Path job =
                Files.writeString(folder.resolve("Bad.java"), "class Bad {\n  int x = true;\n}\n");
        Ended ended = start("run", job.toString(), "--memory", "256m");
        assertThat(ended.err())
                .contains("does not compile", "Bad.java:2: error:")
                .doesNotContain("\tat ");
        assertThat(ended.code()).isEqualTo(5);
    }

    @Test
    void start_jobWithArguments_hasTheBudgetsFlagsAndAReport() throws Exception {
        Path job =
                Files.writeString(
                        folder.resolve("Job.java"),
                        """
                        public class Job {
                            public static void main(String[] args) {
                                System.out.println("job " + String.join(" ", args) + " heap " + (Runtime.getRuntime().maxMemory() >> 20));
                            }
                        }
                        """);
        Ended ended =
                start(
                        "run",
                        job.toString(),
                        "--memory",
                        "256m",
                        "--input",
                        "in put",
                        "--",
                        "-x",
                        "1");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out())
                .contains(
                        "job --input in put -x 1 heap ",
                        "memory 256.0 MiB = operation",
                        "process (RSS)");
        assertThat(ended.code()).isZero();
    }

    /// No value of an option is taken for the command or for memory.
    @Test
    void start_jobWithOptionsOfState_givesThemToTheEngine() throws Exception {
        Path job =
                Files.writeString(
                        folder.resolve("Job.java"),
                        """
                        void main() {
                            for (String name : new String[] {"aquifer.state.dir", "aquifer.checkpoint.interval.millis",
                                    "aquifer.state.checkpoint", "aquifer.state.force", "aquifer.launcher"}) {
                                System.out.println(name + "=" + System.getProperty(name));
                            }
                        }
                        """);
        Ended ended =
                start(
                        "run",
                        "--state",
                        "memory",
                        "--checkpoint-interval",
                        "500ms",
                        "--stop-timeout=1m",
                        "--from-checkpoint",
                        "6",
                        "--force",
                        "--memory",
                        "256m",
                        job.toString());
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out())
                .contains(
                        "aquifer.state.dir=memory\n",
                        "aquifer.checkpoint.interval.millis=500\n",
                        "aquifer.state.checkpoint=6\n",
                        "aquifer.state.force=true\n",
                        "aquifer.launcher=" + HOME.resolve("aquifer") + "\n",
                        "memory 256.0 MiB = operation");
        assertThat(ended.code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"256m", "512m"})
    void start_jobThatFillsItsHeap_endsExplainedWithinTheBudget(String memory) throws Exception {
        Path job =
                Files.writeString(
                        folder.resolve("Full.java"),
                        """
                        import java.nio.file.*;
                        import java.util.*;
                        public class Full {
                            public static void main(String[] args) throws Exception {
                                List<byte[]> kept = new ArrayList<>();
                                try {
                                    while (true) {
                                        kept.add(new byte[100_000]);
                                    }
                                } finally {
                                    kept.clear();
                                    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                                        if (line.startsWith("VmHWM")) {
                                            System.out.println("peak=" + line.replaceAll("\\\\D", ""));
                                        }
                                    }
                                }
                            }
                        }
                        """);
        Ended ended = start("run", job.toString(), "-m" + memory);
        assertThat(ended.err())
                .contains("the Java heap is full at Full.java:", "of --memory " + memory)
                .doesNotContain("\tat ");
        assertThat(ended.code()).isEqualTo(4);
        String peak =
                ended.out()
                        .lines()
                        .filter(line -> line.startsWith("peak="))
                        .findFirst()
                        .orElseThrow();
        assertThat(Long.parseLong(peak.substring(5)) * 1024)
                .isLessThanOrEqualTo(io.aquifer.memory.MemorySize.parse(memory).bytes());
    }

    /// What a library logs at INFO stays away; a warning is shown.
    @Test
    void start_jobThatLogs_showsWarningsOnly() throws Exception {
        Path job =
                Files.writeString(
                        folder.resolve("Logs.java"),
                        """
                        void main() {
                            System.getLogger("library").log(System.Logger.Level.INFO, "all is well");
                            System.getLogger("library").log(System.Logger.Level.WARNING, "disk is slow");
                        }
                        """);
        Ended ended = start("run", job.toString(), "--memory", "256m");
        assertThat(ended.err()).contains("disk is slow").doesNotContain("all is well");
        assertThat(ended.code()).isZero();
    }

    @Test
    void start_terminated_endsWithTheSignalsCode() throws Exception {
        Path job =
                Files.writeString(
                        folder.resolve("Wait.java"),
                        """
                        public class Wait {
                            public static void main(String[] args) throws Exception {
                                System.out.println("waiting");
                                System.out.flush();
                                new java.util.concurrent.CountDownLatch(1).await();
                            }
                        }
                        """);
        Process process = builder("run", job.toString(), "--memory", "256m").start();
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.lines().anyMatch("waiting"::equals)).isTrue();
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(process.exitValue()).isEqualTo(143);
    }

    @Test
    void start_optionsOfOtherJvmsInTheEnvironment_areNotTaken() throws Exception {
        ProcessBuilder builder = builder("--version");
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Xmx1g");
        builder.environment().put("JDK_JAVA_OPTIONS", "-Xmx1g");
        Ended ended = end(builder);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
    }

    @Test
    void start_homeThatIsNoJdk25_saysSo() throws Exception {
        ProcessBuilder builder = builder("--version");
        builder.environment().put("AQUIFER_JAVA_HOME", folder.toString());
        Ended ended = end(builder);
        assertThat(ended.err())
                .startsWith("aquifer: AQUIFER_JAVA_HOME is ")
                .contains("is not a JDK 25", "or unset it");
        assertThat(ended.code()).isEqualTo(6);
    }

    private record Ended(int code, String out, String err) {}

    private static Ended start(String... words) throws Exception {
        return end(builder(words));
    }

    private static ProcessBuilder builder(String... words) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("aquifer").toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("AQUIFER_CACHE", cache.toString());
        builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static Ended end(ProcessBuilder builder) throws IOException, InterruptedException {
        Path err = Files.createTempFile(cache, "err", ".txt");
        Process process = builder.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        return new Ended(code, out, Files.readString(err));
    }
}
