package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A JVM that runs one round of a benchmark and prints what it measured. Ends with [#close] at the
/// latest. Used by one thread.
public final class ForkedJvm implements AutoCloseable {
    private final String name;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    private ForkedJvm(String name, Process process) {
        this.name = name;
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /// Starts `command`; its standard error goes where its standard output goes.
    ///
    /// @param name what runs in it, for messages
    public static ForkedJvm start(String name, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // As the launcher does: few malloc arenas, and no options from outside.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment()
                .keySet()
                .removeAll(List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"));
        return new ForkedJvm(name, builder.start());
    }

    /// The `java` that runs this process.
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// Waits for its end.
    ///
    /// @throws TimeoutException after `timeout`; the process goes on until [#close]
    public Output await(Duration timeout) throws InterruptedException, TimeoutException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException(
                    name + " did not finish within " + timeout.toSeconds() + " seconds");
        }
        reader.join();
        return new Output(process.exitValue(), List.copyOf(lines));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (var input = process.inputReader(StandardCharsets.UTF_8)) {
            input.lines().forEach(lines::add);
        } catch (IOException e) {
            lines.add("its output could not be read: " + e);
        }
    }

    private static String withoutClassPath(List<String> command) {
        List<String> shown = new ArrayList<>(command);
        int path = shown.indexOf("-cp") + 1;
        if (path > 0) {
            shown.set(path, "...");
        }
        return String.join(" ", shown);
    }

    /// What it left.
    ///
    /// @param lines of standard output and standard error
    public record Output(int exitCode, List<String> lines) {
        /// The results among the lines.
        ///
        /// @throws IllegalStateException with all it printed, if it failed or has no result
        public List<ResultLine> results(String name, List<String> command) {
            List<ResultLine> results =
                    lines.stream().filter(ResultLine::isOne).map(ResultLine::parse).toList();
            if (exitCode != 0 || results.isEmpty()) {
                throw new IllegalStateException(
                        name
                                + " ended with code "
                                + exitCode
                                + " and "
                                + results.size()
                                + " result lines. It was started with\n"
                                + withoutClassPath(command)
                                + "\nand printed\n"
                                + String.join("\n", lines));
            }
            return results;
        }
    }
}
