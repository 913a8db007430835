package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Runs the [KillSwitch] on Aquifer and on Flink, each in a JVM of its own, and prints both side by
/// side. `benchmarks/run kill-switch` builds the class paths and starts it.
///
/// It measures no time, so it may run beside anything.
public final class KillSwitchBenchmark {
    private KillSwitchBenchmark() {}

    private record Peer(String name, Optional<KillSwitch.Outcome> outcome, int exitCode) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Path.of(arguments[0]);
        String rounds = arguments[3];
        Peer aquifer =
                fork(
                        "Aquifer",
                        "io.aquifer.benchmarks.aquifer.KillSwitchAquifer",
                        arguments[1],
                        rounds,
                        "--sun-misc-unsafe-memory-access=deny");
        Peer flink =
                fork(
                        "Flink 2.3.0",
                        "io.aquifer.benchmarks.flink.KillSwitchFlink",
                        arguments[2],
                        rounds,
                        "--sun-misc-unsafe-memory-access=allow");
        String text = text(aquifer, flink, rounds, Machine.describe(), Machine.commit(home));
        System.out.print(text);
        Files.writeString(Path.of(arguments[4]), text);
    }

    private static Peer fork(
            String name, String main, String classPath, String rounds, String unsafe)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/null",
                        "--enable-native-access=ALL-UNNAMED",
                        unsafe,
                        "-cp",
                        classPath,
                        main,
                        rounds);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.waitFor();
        Optional<KillSwitch.Outcome> outcome = KillSwitch.Outcome.parse(output);
        if (exitCode != 0) {
            output.lines()
                    .filter(line -> !line.startsWith("kill-switch "))
                    .forEach(System.err::println);
        }
        return new Peer(name, outcome, exitCode);
    }

    private static String text(
            Peer aquifer, Peer flink, String rounds, Map<String, Object> machine, String commit) {
        StringBuilder text = new StringBuilder(1_000);
        text.append(
                """
                Threads that write on while their owner is ended and a neighbour takes the memory over
                %s rounds; in each %d threads fill %d pages of 32 KiB by the manager's checked access, their owner is ended
                (Aquifer: closeAndReport of the scope; Flink: MemoryManager.releaseAll), a neighbour allocates as many pages,
                fills them, and counts the bytes that are not its own any more.

                """
                        .formatted(rounds, KillSwitch.WRITERS, KillSwitch.PAGES));
        List<String> facts =
                List.of(
                        "process ended with code",
                        "rounds",
                        "neighbours' bytes checked",
                        "foreign bytes changed",
                        "pages with such bytes",
                        "late threads thrown out",
                        "late threads stopped before");
        List<String> left = column(aquifer);
        List<String> right = column(flink);
        text.append(row("", aquifer.name(), flink.name()));
        for (int i = 0; i < facts.size(); i++) {
            text.append(row(facts.get(i), left.get(i), right.get(i)));
        }
        text.append("\ncommit ")
                .append(commit)
                .append(", JDK ")
                .append(machine.get("jdk"))
                .append(", ")
                .append(machine.get("cores"))
                .append(" cores, kernel ")
                .append(machine.get("kernel"))
                .append('\n');
        return text.toString();
    }

    private static List<String> column(Peer peer) {
        List<String> cells = new ArrayList<>();
        cells.add(peer.exitCode() + (peer.exitCode() == 0 ? "" : " (crashed)"));
        KillSwitch.Outcome outcome = peer.outcome().orElse(null);
        if (outcome == null) {
            return List.of(cells.getFirst(), "-", "-", "-", "-", "-", "-");
        }
        for (long value :
                new long[] {
                    outcome.rounds(),
                    outcome.checkedBytes(),
                    outcome.foreignBytes(),
                    outcome.changedPages(),
                    outcome.thrownOut(),
                    outcome.stopped()
                }) {
            cells.add(String.format(Locale.ROOT, "%,d", value));
        }
        return cells;
    }

    private static String row(String fact, String left, String right) {
        return String.format(Locale.ROOT, "%-32s %16s %16s%n", fact, left, right);
    }
}
