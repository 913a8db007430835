package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Ctrl-C and SIGTERM: the first ends the jobs in order, the second exits at once.
///
/// | Of the jobs           | First signal  | After the stop timeout | 20 s after the cancel |
/// |-----------------------|---------------|------------------------|-----------------------|
/// | one keeps checkpoints | stop          | cancel                 | exit                  |
/// | none does             | cancel        |                        | exit                  |
/// | none runs             | exit          |                        |                       |
///
/// A stop is a last checkpoint and an end that fires no window.
///
/// **Threads.** Signals arrive on a thread of the JVM, deadlines on another; [#received] from any.
final class Interrupts {
    private static final Duration CANCEL_DEADLINE = Duration.ofSeconds(20);

    private final AtomicReference<@Nullable ExitCode> received = new AtomicReference<>();
    private final PrintStream errors;
    private final Jobs jobs;
    private final Ending ending;
    private final Deadlines deadlines;
    private final Consumer<ExitCode> exit;

    /// What a signal ends. Any thread; returns at once.
    interface Jobs {
        /// Asks the jobs to end, those with a state directory with a last checkpoint.
        Asked stop();

        /// Cancels what runs and whatever starts later.
        ///
        /// @return whether a job was running
        boolean cancel();

        /// The last complete checkpoint of the youngest running job, 0 for none.
        long lastCheckpoint();
    }

    /// What the jobs were asked to do.
    enum Asked {
        /// No job was running.
        NOTHING,
        CANCEL,
        /// At least one takes a last checkpoint.
        STOP
    }

    /// How to end.
    ///
    /// @param stopTimeout how long a last checkpoint may take
    /// @param resuming the command that goes on from the last checkpoint
    record Ending(Duration stopTimeout, String resuming) {}

    /// Calls back later.
    @FunctionalInterface
    interface Deadlines {
        /// Calls `action` once, `delay` from now, on a thread of its own.
        void after(Duration delay, Runnable action);

        /// Daemon threads that sleep: what they wait for dies with the process.
        static Deadlines ofThreads() {
            return (delay, action) ->
                    Thread.ofPlatform()
                            .daemon()
                            .name("aquifer-deadline")
                            .start(
                                    () -> {
                                        try {
                                            Thread.sleep(delay);
                                            action.run();
                                        } catch (InterruptedException interrupted) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });
        }
    }

    /// @param exit ends the process at once
    Interrupts(
            PrintStream errors,
            Jobs jobs,
            Ending ending,
            Deadlines deadlines,
            Consumer<ExitCode> exit) {
        this.errors = errors;
        this.jobs = jobs;
        this.ending = ending;
        this.deadlines = deadlines;
        this.exit = exit;
    }

    /// Takes the two signals from now on.
    ///
    /// By reflection: the JDK has no other way to see a second signal, and the compiler refuses
    /// this one's name. A JDK without it leaves the signals as they are, and they end the process.
    void install() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, handler);
            for (Map.Entry<String, ExitCode> taken :
                    Map.of("INT", ExitCode.INTERRUPTED, "TERM", ExitCode.TERMINATED).entrySet()) {
                InvocationHandler received =
                        (proxy, method, args) -> {
                            if (method.getName().equals("handle")) {
                                handle(taken.getValue());
                            }
                            return null;
                        };
                handle.invoke(
                        null,
                        signal.getConstructor(String.class).newInstance(taken.getKey()),
                        Proxy.newProxyInstance(
                                handler.getClassLoader(), new Class<?>[] {handler}, received));
            }
        } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
            System.getLogger("io.aquifer.cli")
                    .log(System.Logger.Level.DEBUG, "signals are not taken", unsupported);
        }
    }

    /// The exit code of the first signal, or null while none came.
    @Nullable ExitCode received() {
        return received.get();
    }

    void handle(ExitCode code) {
        if (!received.compareAndSet(null, code)) {
            exit.accept(code);
            return;
        }
        switch (jobs.stop()) {
            case NOTHING -> exit.accept(code);
            case CANCEL -> {
                errors.println("aquifer: cancelling; once more exits at once");
                exitAfterDeadline(code);
            }
            case STOP -> {
                errors.println("aquifer: stopping with a last checkpoint; once more exits at once");
                deadlines.after(ending.stopTimeout(), () -> cancel(code));
            }
        }
    }

    /// The stop took too long.
    private void cancel(ExitCode code) {
        long checkpoint = jobs.lastCheckpoint();
        if (jobs.cancel()) {
            errors.println(
                    "aquifer: the job did not stop within "
                            + Times.exact(ending.stopTimeout())
                            + " (--stop-timeout); cancelling it. "
                            + (checkpoint == 0
                                    ? "It has no complete checkpoint: the next start begins anew."
                                            + " Start again with:\n  "
                                    : "The last complete checkpoint, "
                                            + checkpoint
                                            + ", stays usable. Resume with:\n  ")
                            + ending.resuming());
        }
        exitAfterDeadline(code);
    }

    private void exitAfterDeadline(ExitCode code) {
        deadlines.after(
                CANCEL_DEADLINE,
                () -> {
                    errors.println(
                            "aquifer: the job did not end within "
                                    + CANCEL_DEADLINE.toSeconds()
                                    + " s after it was cancelled; exiting.");
                    exit.accept(code);
                });
    }
}
