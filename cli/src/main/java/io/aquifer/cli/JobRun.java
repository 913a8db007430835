package io.aquifer.cli;

import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemorySize;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
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
    private final boolean json;
    private final boolean stacktrace;

    JobRun(
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            boolean json,
            boolean stacktrace) {
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.json = json;
        this.stacktrace = stacktrace || "1".equals(environment.get("AQUIFER_TRACE"));
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
        if (!json) {
            screen.line(first(name, plan));
        }
        ProcessMemory memory = new ProcessMemory(plan::share);
        JobWatch watch = new JobWatch(screen, memory, plan.totalBytes(), json);
        TaskManager.get().addListener(watch);
        Interrupts interrupts =
                new Interrupts(err, watch::cancel, code -> Runtime.getRuntime().halt(code.code));
        interrupts.install();
        System.setOut(json ? err : screen.jobOutput());
        watch.start();
        Throwable thrown = null;
        try {
            loading.get().run(args.toArray(String[]::new));
        } catch (Throwable any) {
            thrown = any;
        } finally {
            watch.close();
            System.out.flush();
            System.setOut(out);
        }
        memory.sample(null, watch.finished().isEmpty());
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
        if (interrupted != null) {
            code = interrupted;
        } else if (thrown != null) {
            failure = JobFailure.of(thrown, plan);
            code = failure.exitCode();
        }
        boolean ran = !watch.finished().isEmpty() || thrown == null;
        RunReport report = new RunReport(watch.finished(), memory.rows(), plan.totalBytes(), code);
        if (json) {
            out.println(JsonText.of(report));
        } else if (ran) {
            report.lines(screen).forEach(screen::line);
        }
        if (failure != null) {
            err.println("aquifer: " + failure.message());
        }
        if (thrown != null && stacktrace) {
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
