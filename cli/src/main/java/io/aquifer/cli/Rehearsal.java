package io.aquifer.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The training run for the JVM's start cache: what a user starts first, with nothing shown.
///
/// The launcher runs it once after a build; the JVM notes the classes and profiles and stores them.
final class Rehearsal {
    private Rehearsal() {}

    /// Runs the help, a memory plan and the two demos, one with checkpoints, whatever they answer.
    ///
    /// The word count has a state path in its code, which is not to appear where the user is.
    public static void main(String[] args) throws IOException {
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Surroundings process = Surroundings.ofProcess();
        Surroundings quiet =
                new Surroundings(
                        nowhere,
                        nowhere,
                        Map.of(),
                        process.launcher(),
                        process.home(),
                        process.cache());
        Path output = Files.createTempDirectory("aquifer-rehearsal");
        try {
            for (String[] command :
                    List.of(
                            new String[] {"--help"},
                            new String[] {"--version"},
                            new String[] {"memory", "1g"},
                            new String[] {"memory", "1g", "--json"},
                            new String[] {
                                "demo",
                                "flights",
                                "--json",
                                "--output",
                                output.resolve("flights").toString()
                            },
                            new String[] {
                                "demo",
                                "wordcount",
                                "--output",
                                output.resolve("kept").toString(),
                                "--state",
                                output.resolve("state").toString()
                            },
                            new String[] {"state", output.resolve("state").toString()})) {
                Main.run(quiet, command);
            }
        } finally {
            delete(output);
        }
        System.exit(0);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(Rehearsal::deleteOne);
        }
    }

    private static void deleteOne(Path file) {
        try {
            Files.delete(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
