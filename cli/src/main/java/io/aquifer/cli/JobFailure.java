package io.aquifer.cli;

import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.memory.MemoryException;

import org.jspecify.annotations.Nullable;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// What a throwable that left a job's main method means to the user: a message and an exit code.
///
/// Aquifer's own exceptions carry a complete message. For the others the message says the type,
/// where in the job's code it was thrown, and what to do.
///
/// Immutable; any thread.
record JobFailure(ExitCode exitCode, String message) {

    /// @param plan what the process was given, for memory that ran out
    static JobFailure of(Throwable thrown, LaunchPlan plan) {
        String budget = plan.budget();
        OutOfMemoryError exhausted = cause(thrown, OutOfMemoryError.class);
        if (exhausted != null) {
            return new JobFailure(ExitCode.MEMORY, prefix(thrown) + outOfMemory(exhausted, plan));
        }
        StackOverflowError deep = cause(thrown, StackOverflowError.class);
        if (deep != null) {
            return new JobFailure(
                    ExitCode.JOB_FAILED,
                    prefix(thrown)
                            + "a thread's stack is full"
                            + where(deep)
                            + ": a method calls itself without end, or deeper than the stack that "
                            + budget
                            + " allows. Correct the recursion, or raise --memory.");
        }
        if (thrown instanceof CommandException refused) {
            return new JobFailure(refused.exitCode(), text(refused));
        }
        ExitCode code = codeOf(thrown);
        if (thrown instanceof JobExecutionException || isFileFormat(thrown)) {
            return new JobFailure(code, text(thrown));
        }
        StateDirectoryException state = cause(thrown, StateDirectoryException.class);
        if (state != null) {
            return new JobFailure(code, text(state));
        }
        MemoryException memory = cause(thrown, MemoryException.class);
        if (memory != null) {
            return new JobFailure(code, text(memory));
        }
        IOException io = cause(thrown, IOException.class);
        if (io != null) {
            return new JobFailure(
                    code,
                    io(io)
                            + where(thrown)
                            + ".\nCorrect the path or its permissions, and run again.");
        }
        return new JobFailure(
                code,
                "the job's main method failed"
                        + where(thrown)
                        + ": "
                        + thrown.getClass().getSimpleName()
                        + (thrown.getMessage() == null ? "" : ": " + thrown.getMessage())
                        + "\nRun again with --stacktrace to see every call.");
    }

    private static ExitCode codeOf(Throwable thrown) {
        if (cause(thrown, MemoryException.class) != null) {
            return ExitCode.MEMORY;
        }
        if (cause(thrown, StateDirectoryException.class) != null) {
            return ExitCode.STATE;
        }
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof IOException
                    || at instanceof UncheckedIOException
                    || isFileFormat(at)) {
                return ExitCode.INPUT_OUTPUT;
            }
        }
        return ExitCode.JOB_FAILED;
    }

    /// By name: a connector is not needed to run the command.
    private static boolean isFileFormat(Throwable thrown) {
        return thrown.getClass().getName().startsWith("io.aquifer.connectors.");
    }

    /// The kinds whose message is only a path say in words what happened.
    private static String io(IOException failed) {
        String message = text(failed);
        if (failed instanceof FileSystemException file && file.getReason() == null) {
            String name = "'" + file.getFile() + "'";
            return switch (failed) {
                case NoSuchFileException missing -> "there is no file " + name;
                case AccessDeniedException denied -> "no permission to open " + name;
                case FileAlreadyExistsException exists -> "file " + name + " already exists";
                case NotDirectoryException plain -> name + " is not a directory";
                default -> message;
            };
        }
        return failed instanceof FileNotFoundException ? "cannot open " + message : message;
    }

    private static String outOfMemory(OutOfMemoryError exhausted, LaunchPlan plan) {
        String budget = plan.budget();
        String message = text(exhausted);
        if (message.contains("Metaspace") || message.contains("class space")) {
            return "the job loads more classes than the metaspace of "
                    + budget
                    + " holds.\nRaise --memory; `aquifer memory` shows the share.";
        }
        if (message.contains("native thread")) {
            return "the system refused another thread.\n"
                    + "Lower --parallelism, or raise the limit on processes (ulimit -u).";
        }
        if (message.contains("direct buffer")) {
            return "direct buffers took more than their share of "
                    + budget
                    + where(exhausted)
                    + ".\nRaise --memory, or use heap buffers.";
        }
        return "the Java heap is full"
                + where(exhausted)
                + ": the objects of the job's own functions take more than its "
                + Sizes.size(plan.share(MemoryPart.HEAP))
                + " of "
                + budget
                + ".\n"
                + "Keep what must be remembered in keyed state (managed memory), keep less, or"
                + " raise --memory.";
    }

    private static String prefix(Throwable thrown) {
        return thrown instanceof JobExecutionException ? text(thrown) + "\n" : "";
    }

    /// The first frame outside the JDK and Aquifer: the user's own line.
    private static String where(Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            String type = frame.getClassName();
            if (!type.startsWith("java.")
                    && !type.startsWith("jdk.")
                    && !type.startsWith("sun.")
                    && (!type.startsWith("io.aquifer.") || type.startsWith("io.aquifer.examples."))
                    && frame.getFileName() != null) {
                return " at " + frame.getFileName() + ":" + frame.getLineNumber();
            }
        }
        return "";
    }

    private static String text(Throwable thrown) {
        return thrown.getMessage() == null
                ? thrown.getClass().getSimpleName()
                : thrown.getMessage();
    }

    private static <T extends Throwable> @Nullable T cause(Throwable thrown, Class<T> type) {
        int depth = 0;
        for (Throwable at = thrown; at != null && depth < 64; at = at.getCause(), depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
        }
        return null;
    }
}
