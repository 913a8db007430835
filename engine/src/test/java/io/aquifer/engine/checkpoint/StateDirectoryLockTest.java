package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.aquifer.engine.checkpoint.StateDirectory.Found;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One directory, several who want it: in this process, in another one, by another name.
class StateDirectoryLockTest {
    @TempDir Path temp;

    private Path state() {
        return temp.resolve("state");
    }

    private static StateDirectory open(Path directory) {
        return StateDirectory.open(
                Samples.request(directory), Samples.surroundings(Disk.SYSTEM, 1));
    }

    private static void assertInUse(Path directory, String pid) {
        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> open(directory))
                .withMessageStartingWith(
                        "state directory "
                                + directory
                                + " is in use by process "
                                + pid
                                + " (since 2026-03-01T10:00:00Z). Stop it first, or choose another"
                                + " directory.");
    }

    /// Takes the directory given, says so, and waits until its input ends; for a second process.
    static final class Holding {
        private Holding() {}

        public static void main(String[] args) throws IOException {
            Surroundings here = Samples.surroundings(Disk.SYSTEM, 3);
            Surroundings own =
                    new Surroundings(
                            here.disk(),
                            here.check(),
                            here.clock(),
                            here.random(),
                            ProcessHandle.current().pid());
            try (StateDirectory directory =
                    StateDirectory.open(Samples.request(Path.of(args[0])), own)) {
                Samples.checkpoint(directory, 1);
                System.out.println("held");
                while (System.in.read() >= 0) {}
            } catch (StateDirectoryException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static Process start(Path directory) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holding.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void open_whileAnotherProcessHoldsIt_isRefusedUntilThatIsKilled() throws Exception {
        Process other = start(state());
        try {
            assertThat(output(other).readLine()).isEqualTo("held");
            String pid = Long.toString(other.pid());

            assertInUse(state(), pid);
            for (int i = 0; i < 20; i++) {
                StateReport report = StateReport.of(state(), Disk.SYSTEM, Samples.CHECK);
                assertThat(report.heldBy()).isEqualTo(pid);
            }
            assertInUse(state(), pid);
        } finally {
            other.destroyForcibly();
            other.waitFor();
        }
        assertThat(StateReport.of(state(), Disk.SYSTEM, Samples.CHECK).heldBy()).isNull();
        assertThat(state().resolve("lock")).content().contains("pid\t" + other.pid());
        try (StateDirectory directory = open(state())) {
            assertThat(directory.found()).isEqualTo(Found.CHECKPOINT);
        }
    }

    @Test
    void open_inAnotherProcessWhileThisHoldsIt_isRefusedWhateverWasAsked() throws Exception {
        try (StateDirectory directory = open(state())) {
            // neither a refused open nor a report may release this process's lock
            assertInUse(state(), "4711");
            assertThat(StateReport.of(state(), Disk.SYSTEM, Samples.CHECK).heldBy())
                    .isEqualTo("4711");
            Process other = start(state());
            other.getOutputStream().close();
            assertThat(output(other).readLine())
                    .contains("is in use by process 4711 (since 2026-03-01T10:00:00Z)");
            other.waitFor();
            Samples.checkpoint(directory, 1);
        }
        Process other = start(state());
        other.getOutputStream().close();
        assertThat(output(other).readLine()).isEqualTo("held");
        other.waitFor();
    }

    @Test
    void open_byAnotherName_isRefusedToo() throws IOException {
        Files.createDirectories(state());
        Path link = Files.createSymbolicLink(temp.resolve("link"), state());
        try (StateDirectory directory = open(link)) {
            assertThat(directory.path()).isEqualTo(link);
            assertInUse(state(), "4711");
            assertInUse(link, "4711");
            assertInUse(temp.resolve("x/../state/."), "4711");
            Samples.checkpoint(directory, 1);
        }
        try (StateDirectory directory = open(state())) {
            assertThat(directory.found()).isEqualTo(Found.CHECKPOINT);
        }
    }

    @Test
    void open_ofALinkToNothing_saysWhy() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("none"));

        assertThatExceptionOfType(StateDirectoryException.class)
                .isThrownBy(() -> open(link))
                .withMessageContaining("cannot be used: " + link);
    }

    @Test
    void open_byManyThreads_givesItToOneAtATime() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<String> problems = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger holders = new AtomicInteger();
        AtomicInteger opened = new AtomicInteger();
        open(state()).close();
        for (int t = 0; t < 4; t++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 0; i < 40; i++) {
                                            StateReport.of(state(), Disk.SYSTEM, Samples.CHECK);
                                            try (StateDirectory mine = open(state())) {
                                                assertThat(mine.nextId()).isEqualTo(1);
                                                opened.incrementAndGet();
                                                if (holders.incrementAndGet() != 1) {
                                                    problems.add("two hold it");
                                                }
                                                holders.decrementAndGet();
                                            } catch (StateDirectoryException e) {
                                                if (!e.getMessage().contains("in use by")) {
                                                    problems.add(e.getMessage());
                                                }
                                            }
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(problems).isEmpty();
        assertThat(opened.get()).isPositive();
    }
}
