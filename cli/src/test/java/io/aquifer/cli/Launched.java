package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A process that `./aquifer` became: its lines as they come, signals, and its end.
///
/// The launcher is a shell that replaces itself by the JVM, so the process id stays; what the shell
/// started beside it (a JVM that works out flags) is killed with it. Whatever is waited for has a
/// deadline that only a hang misses. Closing kills what still runs.
///
/// **Threads.** One uses it; two more read the streams.
final class Launched implements AutoCloseable {
    static final Path HOME =
            Path.of(System.getProperty("aquifer.home", "..")).toAbsolutePath().normalize();

    /// Long enough for any machine; a test that works never waits so long.
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private static final Duration LOOK = Duration.ofMillis(5);
    private static final long SIGINT_BIT = 1L << 1;

    /// What runs when the tests are ended from outside.
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final Instant started;
    private final Lines out;
    private final Lines err;

    /// A line and when it came.
    record Line(Instant at, String text) {}

    private Launched(Process process, Instant started) {
        this.process = process;
        this.started = started;
        this.out = new Lines(process.getInputStream());
        this.err = new Lines(process.getErrorStream());
    }

    /// Starts `./aquifer` with these words.
    static Launched start(List<String> words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(HOME.resolve("aquifer").toString());
        command.addAll(words);
        return startCommand(command);
    }

    /// Starts a command line as a shell reads it, such as one that Aquifer printed.
    static Launched startLine(String line) throws IOException {
        return startCommand(List.of("sh", "-c", "exec " + line));
    }

    private static Launched startCommand(List<String> command) throws IOException {
        Path cache = HOME.resolve("cli/target/launcher-cache");
        Files.createDirectories(cache);
        List<String> whole = new ArrayList<>();
        if (ignoresInterrupts()) {
            // A child inherits that, and a JVM keeps it: it would never see Ctrl-C.
            whole.addAll(List.of("env", "--default-signal=INT"));
        }
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().put("AQUIFER_CACHE", cache.toString());
        builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
        Instant started = Instant.now();
        Process process = builder.start();
        RUNNING.add(process);
        process.getOutputStream().close();
        return new Launched(process, started);
    }

    /// As where a shell without job control started Maven in the background.
    private static boolean ignoresInterrupts() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("SigIgn:")) {
                long ignored = Long.parseUnsignedLong(line.substring(7).trim(), 16);
                return (ignored & SIGINT_BIT) != 0;
            }
        }
        return false;
    }

    /// One after another, each to its end.
    static Launched run(List<String> words) throws Exception {
        Launched launched = start(words);
        launched.end();
        return launched;
    }

    long pid() {
        return process.pid();
    }

    /// Just before the process was started.
    Instant started() {
        return started;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Waits for the end, and fails when it does not come.
    ///
    /// @return the exit code
    int end() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the process goes on and on: " + this);
        }
        RUNNING.remove(process);
        out.join();
        err.join();
        return process.exitValue();
    }

    /// Whether the process ends within a time that is part of the test, not a deadline.
    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Kills it as `kill -9` does, and what the launcher's shell has started meanwhile.
    void kill() throws InterruptedException {
        List<ProcessHandle> children;
        try (Stream<ProcessHandle> below = process.descendants()) {
            children = below.toList();
        }
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        end();
    }

    /// @param name such as `INT`
    void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start();
        assertThat(kill.waitFor()).as("kill -%s", name).isZero();
    }

    /// Waits until a line of standard output matches, looking also at those that came before.
    MatchResult awaitOut(String regex) throws InterruptedException {
        return awaitLine(out, regex);
    }

    /// The same on standard error.
    MatchResult awaitErr(String regex) throws InterruptedException {
        return awaitLine(err, regex);
    }

    private MatchResult awaitLine(Lines lines, String regex) throws InterruptedException {
        Predicate<String> matches = Pattern.compile(regex).asMatchPredicate();
        await("a line like " + regex, () -> lines.first(matches).isPresent());
        MatchResult[] found = new MatchResult[1];
        String line = lines.first(matches).orElseThrow();
        Pattern.compile(regex).matcher(line).results().forEach(match -> found[0] = match);
        return found[0];
    }

    /// Waits until something is so, which cannot come once the process has ended.
    void await(String what, Condition condition) throws InterruptedException {
        if (!awaitOrEnd(what, condition)) {
            throw new AssertionError("the process ended without " + what + ": " + this);
        }
    }

    /// Waits until something is so or the process has ended.
    ///
    /// @return whether it is so
    boolean awaitOrEnd(String what, Condition condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(DEADLINE);
        try {
            while (!condition.holds()) {
                if (endsWithin(LOOK)) {
                    end();
                    return condition.holds();
                }
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("waited in vain for " + what + ": " + this);
                }
            }
            return true;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// What is waited for.
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    List<Line> outLines() {
        return out.copy();
    }

    String out() {
        return out.text();
    }

    String err() {
        return err.text();
    }

    @Override
    public String toString() {
        return (isAlive() ? "running" : "exit code " + process.exitValue())
                + "\n--- output\n"
                + out()
                + "--- errors\n"
                + err();
    }

    @Override
    public void close() {
        if (isAlive()) {
            try {
                kill();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// The lines of a stream, as they come.
    private static final class Lines {
        private final List<Line> lines = new ArrayList<>();
        private final Thread reader;

        Lines(InputStream stream) {
            reader = Thread.ofVirtual().start(() -> read(stream));
        }

        private void read(InputStream stream) {
            try (BufferedReader text =
                    new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                String line;
                while ((line = text.readLine()) != null) {
                    synchronized (lines) {
                        lines.add(new Line(Instant.now(), line));
                    }
                }
            } catch (IOException closed) {
                synchronized (lines) {
                    lines.add(new Line(Instant.now(), "(" + closed + ")"));
                }
            }
        }

        void join() throws InterruptedException {
            reader.join(DEADLINE);
        }

        Optional<String> first(Predicate<String> matches) {
            return copy().stream().map(Line::text).filter(matches).findFirst();
        }

        List<Line> copy() {
            synchronized (lines) {
                return List.copyOf(lines);
            }
        }

        String text() {
            return copy().stream().map(line -> line.text() + "\n").collect(Collectors.joining());
        }
    }
}
