package io.aquifer.cli;

import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemorySize;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// One run of a job in this process, from the first line of output to the report and the exit code.
///
/// The launcher has sized the JVM and left the budget in system properties; the plan made from them
/// is the one the flags came from.
///
/// **Threads.** The job's main method runs on the caller's thread.
final class JobRun {
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Settings settings;

    /// How to run a job.
    ///
    /// @param json no progress, and the report as JSON
    /// @param stacktrace show every call of a failure
    /// @param properties system properties for the engine while the job runs
    /// @param stopTimeout how long a last checkpoint may take after a signal
    /// @param resuming the command that goes on from the last checkpoint
    record Settings(
            boolean json,
            boolean stacktrace,
            Map<String, String> properties,
            Duration stopTimeout,
            String resuming) {
        Settings {
            properties = Map.copyOf(properties);
        }
    }

    JobRun(Surroundings surroundings, Settings settings) {
        this.out = surroundings.out();
        this.err = surroundings.err();
        this.environment = surroundings.environment();
        this.settings = settings;
    }

    /// Runs a job and reports; what goes wrong is a message on standard error and the exit code.
    ///
    /// @param name what to call it before it is loaded
    /// @param loading finds or compiles the job
    /// @param args the job's own arguments
    ExitCode run(String name, Supplier<JobProgram> loading, List<String> args) {
        LaunchPlan plan = plan();
        MachineMemory.here().check(plan.totalBytes(), plan.budget());
        Screen screen = Screen.of(out, environment);
        if (!settings.json()) {
            screen.line(first(name, plan));
        }
        ProcessMemory memory = new ProcessMemory(plan::share);
        JobWatch watch = new JobWatch(screen, memory, plan.totalBytes(), settings.json());
        TaskManager.get().addListener(watch);
        Interrupts interrupts =
                new Interrupts(
                        err,
                        watch,
                        new Interrupts.Ending(settings.stopTimeout(), settings.resuming()),
                        Interrupts.Deadlines.ofThreads(),
                        code -> Runtime.getRuntime().halt(code.code));
        interrupts.install();
        System.setOut(settings.json() ? err : screen.jobOutput());
        watch.start();
        Throwable thrown = null;
        settings.properties().forEach(System::setProperty);
        try {
            loading.get().run(args.toArray(String[]::new));
        } catch (Throwable any) {
            thrown = any;
        } finally {
            watch.close();
            TaskManager.get().removeListener(watch);
            settings.properties().keySet().forEach(System::clearProperty);
            System.out.flush();
            System.setOut(out);
        }
        memory.sample(null, watch.finished().isEmpty());
        TaskManager.get().releaseMemory();
        return finish(plan, screen, memory, watch, interrupts.received(), thrown);
    }

    private ExitCode finish(
            LaunchPlan plan,
            Screen screen,
            ProcessMemory memory,
            JobWatch watch,
            @Nullable ExitCode interrupted,
            @Nullable Throwable thrown) {
        ExitCode code = watch.anyFailed() ? ExitCode.JOB_FAILED : ExitCode.OK;
        JobFailure failure = null;
        if (thrown != null && (interrupted == null || watch.anyFailed())) {
            failure = JobFailure.of(thrown, plan);
            code = failure.exitCode();
        }
        if (interrupted != null) {
            code = interrupted;
        }
        boolean ran = !watch.finished().isEmpty() || thrown == null;
        RunReport report = new RunReport(watch.finished(), memory.rows(), plan.totalBytes(), code);
        if (settings.json()) {
            out.println(JsonText.of(report));
        } else if (ran) {
            report.lines(screen).forEach(screen::line);
        }
        if (failure != null) {
            err.println("aquifer: " + failure.message());
        }
        for (EndedJob job : watch.finished()) {
            job.goingOn()
                    .ifPresent(
                            text -> err.println("aquifer: " + text + "\n  " + settings.resuming()));
        }
        if (thrown != null && settings.stacktrace()) {
            thrown.printStackTrace(err);
        }
        out.flush();
        err.flush();
        return code;
    }

    private static String first(String name, LaunchPlan plan) {
        boolean given = !Boolean.getBoolean("aquifer.memory.default");
        List<String> parts = new ArrayList<>();
        for (MemoryPart part :
                List.of(MemoryPart.MANAGED, MemoryPart.NETWORK, MemoryPart.RESERVE)) {
            parts.add(part.label.replace(" memory", "") + " " + Sizes.size(plan.share(part)));
        }
        return "aquifer "
                + Version.TEXT
                + "  "
                + name
                + "  memory "
                + Sizes.size(plan.totalBytes())
                + (given ? "" : " (default; change with --memory)")
                + " = operation "
                + Sizes.size(plan.operationBytes())
                + " + "
                + String.join(" + ", parts)
                + "  parallelism "
                + plan.slots();
    }

    private static LaunchPlan plan() {
        Long budget = Long.getLong("aquifer.memory.size");
        Integer slots = Integer.getInteger("aquifer.parallelism");
        if (budget == null || slots == null) {
            throw new CommandException(
                    ExitCode.INSTALLATION,
                    "this JVM was not started by the launcher, so its flags do not hold a budget.\n"
                        + "Start jobs with ./aquifer run, or call the job's main method yourself.");
        }
        return LaunchPlan.of(new MemorySize(budget), slots);
    }
}
