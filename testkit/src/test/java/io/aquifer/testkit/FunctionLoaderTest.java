package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// Functions of a program that was loaded by a class loader of its own, as `aquifer run
/// program.jar` does.
@ExtendWith(LeakGuard.class)
class FunctionLoaderTest {
    private static final String PROGRAM =
            """
            package program;

            import io.aquifer.api.StreamExecutionEnvironment;
            import io.aquifer.api.eventtime.WatermarkStrategy;
            import io.aquifer.api.windowing.TumblingEventTimeWindows;
            import java.time.Duration;
            import java.util.List;

            public class Program {
                record Visit(String page, long time) {}

                public static void build(StreamExecutionEnvironment env, List<String> results) {
                    env.fromData(new Visit("a", 1), new Visit("b", 2), new Visit("a", 3))
                            .rebalance()
                            .map(visit -> visit)
                            .assignTimestampsAndWatermarks(
                                    WatermarkStrategy.<Visit>forMonotonousTimestamps()
                                            .withTimestampAssigner((visit, time) -> visit.time()))
                            .keyBy(Visit::page)
                            .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
                            .reduce((a, b) -> new Visit(a.page(), a.time() + b.time()))
                            .collect(visit -> results.add(visit.page() + visit.time()));
                }
            }
            """;

    @Test
    void watermarkStrategyOfTheApi_withALambdaOfTheProgram_isCopiedForEachSubtask(
            @TempDir Path directory) throws Exception {
        Path source = Files.writeString(directory.resolve("Program.java"), PROGRAM);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = System.getProperty("java.class.path");
        assertThat(
                        compiler.run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                path,
                                "-d",
                                directory.toString(),
                                source.toString()))
                .isZero();
        List<String> results = new ArrayList<>();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(2);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            loader.loadClass("program.Program")
                    .getMethod("build", StreamExecutionEnvironment.class, List.class)
                    .invoke(null, env, results);
            env.execute("program");
        }
        assertThat(results).containsExactlyInAnyOrder("a4", "b2");
    }
}
