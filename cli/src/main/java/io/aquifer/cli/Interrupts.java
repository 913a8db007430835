package io.aquifer.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/// Ctrl-C and SIGTERM: the first cancels the job and lets it end in order, the second exits at once.
///
/// A job that has not ended after the deadline is left and the process exits.
///
/// **Threads.** Signals arrive on a thread of the JVM; [#received] from any.
@SuppressWarnings("sunapi") // The JDK has no other way to see a second signal.
final class Interrupts {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final AtomicReference<@Nullable ExitCode> received = new AtomicReference<>();
    private final PrintStream errors;
    private final BooleanSupplier cancel;
    private final Consumer<ExitCode> exit;

    /// @param cancel asks the jobs to end; says whether there was one
    /// @param exit ends the process at once
    Interrupts(PrintStream errors, BooleanSupplier cancel, Consumer<ExitCode> exit) {
        this.errors = errors;
        this.cancel = cancel;
        this.exit = exit;
    }

    /// Takes the two signals from now on.
    void install() {
        Signal.handle(new Signal("INT"), signal -> handle(ExitCode.INTERRUPTED));
        Signal.handle(new Signal("TERM"), signal -> handle(ExitCode.TERMINATED));
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
        if (!cancel.getAsBoolean()) {
            exit.accept(code);
            return;
        }
        errors.println("aquifer: cancelling; once more exits at once");
        Thread.ofPlatform().daemon().name("aquifer-deadline").start(() -> exitAfterDeadline(code));
    }

    private void exitAfterDeadline(ExitCode code) {
        try {
            Thread.sleep(DEADLINE);
            errors.println("aquifer: the job did not end within " + DEADLINE.toSeconds() + " s after it was cancelled; exiting.");
            exit.accept(code);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
