package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Ctrl-C and SIGTERM: the first cancels the job and lets it end in order, the second exits at
/// once.
///
/// A job that has not ended after the deadline is left and the process exits.
///
/// **Threads.** Signals arrive on a thread of the JVM; [#received] from any.
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
            errors.println(
                    "aquifer: the job did not end within "
                            + DEADLINE.toSeconds()
                            + " s after it was cancelled; exiting.");
            exit.accept(code);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
