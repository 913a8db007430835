package io.aquifer.benchmarks.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// One of the memory measurements, as it is started: each of its variants in a JVM of its own in
/// every round.
///
/// @param name as on the command line
/// @param mainClass prints one result line or more
/// @param classPath which of the class paths given to the benchmark it runs on
/// @param jvmFlags what its JVMs are started with
/// @param rounds how many rounds it has
/// @param variants the arguments of each variant
/// @param quickArguments take the place of those of the same name when it only has to work
/// @param hasSamples whether it writes raw samples to the file that its argument `samples` names
record Measurement(
        String name,
        String mainClass,
        String classPath,
        List<String> jvmFlags,
        int rounds,
        List<List<String>> variants,
        List<String> quickArguments,
        boolean hasSamples) {
    private static final String HERE = "io.aquifer.benchmarks.memory.";

    /// The whole heap is touched at the start, so that it does not move resident memory later.
    private static final List<String> FLAGS =
            List.of(
                    "-Xms128m",
                    "-Xmx128m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=deny");

    static final List<Measurement> ALL =
            List.of(
                    new Measurement(
                            "start",
                            HERE + "StartBudget",
                            "aquifer",
                            FLAGS,
                            9,
                            List.of(List.of()),
                            List.of(),
                            false),
                    new Measurement(
                            "grants",
                            HERE + "FreeGrants",
                            "aquifer",
                            FLAGS,
                            5,
                            List.of(List.of()),
                            List.of("samples=100000", "managers=5"),
                            false),
                    new Measurement(
                            "reclaims",
                            HERE + "ReclaimGrants",
                            "aquifer",
                            FLAGS,
                            5,
                            List.of(List.of("rung=idle"), List.of("rung=spill", "cycles=5")),
                            List.of("cycles=2", "mib=16"),
                            false),
                    new Measurement(
                            "task-end",
                            HERE + "TaskEnd",
                            "aquifer",
                            FLAGS,
                            5,
                            List.of(List.of()),
                            List.of("mib=128", "rss-timeout-millis=2500"),
                            true),
                    new Measurement(
                            "churn",
                            HERE + "Churn",
                            "aquifer",
                            FLAGS,
                            1,
                            List.of(List.of()),
                            List.of("gib=4", "warm-up-gib=1", "sample-millis=20"),
                            true),
                    new Measurement(
                            "access",
                            "io.aquifer.benchmarks.pages.AccessBenchmark",
                            "memory-peer",
                            // JMH itself needs Unsafe; its forks' flags are the benchmark's.
                            List.of(
                                    "-Xmx256m",
                                    "-XX:+UseSerialGC",
                                    "--sun-misc-unsafe-memory-access=allow"),
                            5,
                            List.of(List.of()),
                            List.of("millis=100", "warmups=1", "iterations=1"),
                            false),
                    new Measurement(
                            "fairness",
                            HERE + "Fairness",
                            "aquifer",
                            FLAGS,
                            3,
                            List.of(
                                    List.of("policy=elastic"),
                                    List.of("policy=fair-share"),
                                    List.of("policy=fixed")),
                            List.of("seconds=1"),
                            false),
                    new Measurement(
                            "state",
                            "io.aquifer.benchmarks.state.StateOps",
                            "aquifer",
                            heapOf("-XX:+UseParallelGC"),
                            3,
                            stateVariants("aquifer", "heap"),
                            List.of("keys=10000", "calls=20000"),
                            false),
                    new Measurement(
                            "state-g1",
                            "io.aquifer.benchmarks.state.StateOps",
                            "aquifer",
                            heapOf("-XX:+UseG1GC"),
                            3,
                            stateVariants("heap"),
                            List.of("keys=10000", "calls=20000"),
                            false),
                    new Measurement(
                            "state-snapshot",
                            "io.aquifer.benchmarks.state.StateSnapshot",
                            "aquifer",
                            heapOf("-XX:+UseParallelGC"),
                            5,
                            List.of(List.of("shape=LL"), List.of("shape=SB")),
                            List.of("keys=100000"),
                            false));

    private static List<String> heapOf(String collector) {
        return List.of(
                "-Xms6g",
                "-Xmx6g",
                collector,
                "-XX:+UseTransparentHugePages",
                "-XX:+UseCompactObjectHeaders",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=deny");
    }

    private static List<List<String>> stateVariants(String... contenders) {
        List<List<String>> variants = new ArrayList<>();
        for (String shape : List.of("LL", "SB")) {
            for (int keys : List.of(100_000, 1_000_000, 10_000_000)) {
                for (String contender : contenders) {
                    variants.add(
                            List.of("contender=" + contender, "shape=" + shape, "keys=" + keys));
                }
            }
        }
        return variants;
    }

    static Measurement named(String name) {
        return ALL.stream()
                .filter(measurement -> measurement.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no measurement '"
                                                + name
                                                + "'; there are "
                                                + ALL.stream().map(Measurement::name).toList()));
    }

    /// What a variant's JVM is given: of arguments with the same name the last one.
    ///
    /// @param quick whether it only has to work
    /// @param more from the command line
    List<String> arguments(List<String> variant, boolean quick, List<String> more) {
        Map<String, String> byName = new java.util.LinkedHashMap<>();
        Stream.of(variant, quick ? quickArguments : List.<String>of(), more)
                .flatMap(List::stream)
                .forEach(argument -> byName.put(argument.replaceFirst("=.*", ""), argument));
        return List.copyOf(byName.values());
    }

    /// The command that runs a variant on `java`.
    ///
    /// @param classPaths by name, as given to the benchmark
    List<String> command(String java, Map<String, String> classPaths, List<String> arguments) {
        String path = classPaths.get(classPath);
        if (path == null) {
            throw new IllegalArgumentException(
                    "measurement '"
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
        command.addAll(arguments);
        return command;
    }
}
