package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryException;
import io.aquifer.memory.MemorySize;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

class JobFailureTest {
    private static final LaunchPlan PLAN = LaunchPlan.of(MemorySize.ofMebi(256), 2);

    @Test
    void of_memoryThatRanOut_namesTheShareAndWhatToChange() {
        check(
                new OutOfMemoryError("Java heap space"),
                ExitCode.MEMORY,
                "the Java heap is full",
                Sizes.size(PLAN.share(MemoryPart.HEAP)) + " of --memory 256m",
                "keyed state");
        check(
                new OutOfMemoryError("Metaspace"),
                ExitCode.MEMORY,
                "more classes than the metaspace of --memory 256m",
                "Raise --memory");
        check(
                new OutOfMemoryError("unable to create native thread"),
                ExitCode.MEMORY,
                "refused another thread",
                "ulimit -u");
        check(
                new IllegalStateException(new OutOfMemoryError("Java heap space")),
                ExitCode.MEMORY,
                "the Java heap is full",
                "raise --memory");
    }

    @Test
    void of_files_saysTheirNameAndNotTheException() {
        check(
                new NoSuchFileException("in.csv"),
                ExitCode.INPUT_OUTPUT,
                "there is no file 'in.csv'",
                "Correct the path");
        check(
                new UncheckedIOException(new AccessDeniedException("out")),
                ExitCode.INPUT_OUTPUT,
                "no permission to open 'out'",
                "permissions");
        check(new IOException("disk full"), ExitCode.INPUT_OUTPUT, "disk full", "run again");
    }

    @Test
    void of_stateDirectory_keepsItsTextAndHasItsCode() {
        StateDirectoryException inUse =
                new StateDirectoryException(
                        "the state directory 's' is in use by process 4711.",
                        new IOException("locked"));
        assertThat(JobFailure.of(inUse, PLAN))
                .isEqualTo(
                        new JobFailure(
                                ExitCode.STATE,
                                "the state directory 's' is in use by process 4711."));
        assertThat(JobFailure.of(new IllegalStateException(inUse), PLAN))
                .isEqualTo(JobFailure.of(inUse, PLAN));
    }

    @Test
    void of_memoryConfiguration_keepsItsText() {
        MemoryException thrown = catchMemory();
        JobFailure failure = JobFailure.of(thrown, PLAN);
        assertThat(failure)
                .isEqualTo(new JobFailure(ExitCode.MEMORY, String.valueOf(thrown.getMessage())));
    }

    @Test
    void of_memoryAnywhereAmongTheCauses_isMemoryWithItsText() {
        MemoryException refused =
                MemoryConfigurationException.refused("setMemory asks for 2.0 GiB.");
        JobFailure failure =
                JobFailure.of(
                        new IllegalStateException(
                                new UncheckedIOException(new IOException(refused))),
                        PLAN);
        assertThat(failure)
                .isEqualTo(new JobFailure(ExitCode.MEMORY, "setMemory asks for 2.0 GiB."));
    }

    @Test
    void of_theJobsOwnMistake_namesTheTypeAndOffersTheStack() {
        check(
                new IllegalStateException("no city"),
                ExitCode.JOB_FAILED,
                "the job's main method failed",
                "IllegalStateException: no city");
        check(
                new NullPointerException(),
                ExitCode.JOB_FAILED,
                "NullPointerException",
                "--stacktrace");
        check(
                new StackOverflowError(),
                ExitCode.JOB_FAILED,
                "stack is full",
                "Correct the recursion");
    }

    private static void check(Throwable thrown, ExitCode code, String... texts) {
        JobFailure failure = JobFailure.of(thrown, PLAN);
        assertThat(failure.exitCode()).isEqualTo(code);
        assertThat(failure.message()).contains(texts);
    }

    private static MemoryException catchMemory() {
        try {
            MemorySize.parse("lots");
            throw new AssertionError("'lots' was a size");
        } catch (MemoryException expected) {
            return expected;
        }
    }
}
