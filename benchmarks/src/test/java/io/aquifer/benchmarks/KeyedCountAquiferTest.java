package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// The keyed count in small on Aquifer, so that the benchmark cannot rot: each round checks its own
/// result.
class KeyedCountAquiferTest {
    @Test
    void run_aMillionRecords_countsRightAtEveryParallelism(@TempDir Path directory)
            throws Exception {
        KeyedCountOptions options =
                KeyedCountOptions.parse(
                        List.of(
                                "--engines",
                                "aquifer",
                                "--rounds",
                                "1",
                                "--records",
                                "1000000",
                                "--keys",
                                "10000",
                                "--parallelism",
                                "1,2,3",
                                "--results",
                                directory.resolve("rounds.jsonl").toString(),
                                "--class-path",
                                "aquifer=" + System.getProperty("java.class.path")));
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        List<Round> rounds = new KeyedCountBenchmark(options, Clock.systemUTC(), nowhere).run();
        assertThat(rounds).extracting(Round::parallelism).containsExactly(1, 2, 3);
    }
}
