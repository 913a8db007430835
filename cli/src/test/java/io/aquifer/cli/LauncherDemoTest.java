package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemorySize;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The main job through the launcher: both inputs in every budget, with the process's memory read
/// from outside.
///
/// Goal: the kernel's high-water mark never passes the budget given. Method: `/proc/PID/status` is
/// read until the process has ended; the launcher becomes the JVM, so the number is the child's
/// own.
class LauncherDemoTest {
    private static final Path HOME =
            Path.of(System.getProperty("aquifer.home", "..")).toAbsolutePath().normalize();
    private static final Pattern HIGH_WATER = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    @TempDir static Path cache;
    @TempDir Path folder;

    @BeforeAll
    static void firstStart() throws Exception {
        Process first = builder(List.of("--version")).inheritIO().start();
        assertThat(first.waitFor()).isZero();
    }

    @ParameterizedTest(name = "{0}, --memory {1}")
    @CsvSource({
        "flights-200k.csv.gz, 256m, 199998",
        "flights-200k.csv.gz, 512m, 199998",
        "flights-200k.csv.gz, 1g, 199998",
        "flights-200k.csv.gz, 2g, 199998",
        "flights-3m.parquet, 256m, 2999989",
        "flights-3m.parquet, 512m, 2999989",
        "flights-3m.parquet, 1g, 2999989",
        "flights-3m.parquet, 2g, 2999989",
    })
    void demoFlights_inABudget_neverTakesMore(String file, String memory, long rows)
            throws Exception {
        Path out = folder.resolve("out");
        Path report = folder.resolve("report.json");
        Path errors = folder.resolve("errors.txt");
        Path input = HOME.resolve("examples/data").resolve(file);
        assertThat(input).isRegularFile();
        Process process =
                builder(
                                List.of(
                                        "demo",
                                        "flights",
                                        "--json",
                                        "--memory",
                                        memory,
                                        "--input",
                                        input.toString(),
                                        "--output",
                                        out.toString()))
                        .redirectOutput(report.toFile())
                        .redirectError(errors.toFile())
                        .start();
        long highWater = highWater(process);

        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        assertThat(highWater).isPositive().isLessThanOrEqualTo(MemorySize.parse(memory).bytes());
        assertThat(Files.readString(report))
                .contains("\"state\" : \"FINISHED\"", "\"rows\" : " + rows, "\"duplicates\"");
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .contains("windows-0.csv", "rejects-0.csv")
                    .noneMatch(name -> name.endsWith(".inprogress"));
        }
    }

    /// The largest value seen until the process ended, in bytes.
    private static long highWater(Process process) throws InterruptedException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        long highest = 0;
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
            try {
                Matcher line = HIGH_WATER.matcher(Files.readString(status));
                if (line.find()) {
                    highest = Math.max(highest, Long.parseLong(line.group(1)) * 1024);
                }
            } catch (IOException ended) {
                continue;
            }
        }
        return highest;
    }

    private static ProcessBuilder builder(List<String> words) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("aquifer").toString()));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("AQUIFER_CACHE", cache.toString());
        builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
        return builder;
    }
}
