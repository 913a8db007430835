package io.aquifer.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An engine in one configuration, as the benchmark starts it: a main class on a class path in a
/// JVM with flags.
///
/// @param name as in results and on the command line
/// @param mainClass takes a [KeyedCountPlan]'s arguments and prints one result line
/// @param classPath which of the class paths given to the benchmark it runs on
/// @param jvmFlags what its JVM is started with
record Engine(String name, String mainClass, String classPath, List<String> jvmFlags) {
    private static final Engine AQUIFER =
            new Engine(
                    "aquifer",
                    "io.aquifer.benchmarks.aquifer.KeyedCountAquifer",
                    "aquifer",
                    List.of(
                            "-Xmx512m",
                            "-XX:+UseParallelGC",
                            "-XX:+UseCompactObjectHeaders",
                            "-XX:InlineSmallCode=1000",
                            "--sun-misc-unsafe-memory-access=deny",
                            "--enable-native-access=ALL-UNNAMED"));

    private static final Engine FLINK =
            new Engine(
                    "flink-parallel",
                    "io.aquifer.benchmarks.flink.KeyedCountFlink",
                    "flink",
                    with(
                            FlinkFlags.ON_25,
                            "-Xms4g",
                            "-Xmx4g",
                            "-XX:+UseParallelGC",
                            "-XX:+UseTransparentHugePages",
                            "-XX:+UseCompactObjectHeaders"));

    /// The engines of the keyed count. Flink comes twice: under the collector and flags that serve
    /// it best, and under the JVM's defaults with the same heap.
    static final List<Engine> KEYED_COUNT =
            List.of(
                    AQUIFER,
                    AQUIFER.withCheckpoints("aquifer-checkpoints"),
                    FLINK,
                    new Engine(
                            "flink-g1",
                            "io.aquifer.benchmarks.flink.KeyedCountFlink",
                            "flink",
                            with(FlinkFlags.ON_25, "-Xmx4g", "-XX:+UseG1GC")),
                    new Engine(
                            "array",
                            "io.aquifer.benchmarks.KeyedCountArray",
                            "aquifer",
                            List.of("-Xmx512m", "-XX:+UseSerialGC")));

    /// This engine, taking a checkpoint every second.
    private Engine withCheckpoints(String as) {
        return new Engine(
                as, mainClass, classPath, with(jvmFlags, "-D" + Checkpoints.INTERVAL + "=1000"));
    }

    /// The command that runs `plan` on `java`.
    ///
    /// @param classPaths by name, as given to the benchmark
    List<String> command(String java, Map<String, String> classPaths, List<String> plan) {
        String path = classPaths.get(classPath);
        if (path == null) {
            throw new IllegalArgumentException(
                    "engine '"
                            + name
                            + "' needs --class-path "
                            + classPath
                            + "=...; given are "
                            + classPaths.keySet());
        }
        List<String> command = new ArrayList<>();
        command.add(java);
        command.addAll(jvmFlags);
        command.addAll(List.of("-cp", path, mainClass));
        command.addAll(plan);
        return command;
    }

    private static List<String> with(List<String> flags, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(flags);
        return List.copyOf(all);
    }
}
