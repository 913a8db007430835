package io.aquifer.cli;

/// What the process's exit code means; the table in `docs/cli.md` is this one.
enum ExitCode {
    OK(0, "the job finished, or the question was answered"),
    JOB_FAILED(1, "the job ran and failed"),
    USAGE(2, "the command line could not be understood"),
    INPUT_OUTPUT(3, "an input could not be read or an output could not be written"),
    MEMORY(4, "the memory budget is unreadable, too small, larger than the machine, or was spent"),
    JOB_UNUSABLE(5, "the job file is missing, does not compile, or has no main method"),
    INSTALLATION(6, "no JDK 25, or the build failed (from the launcher)"),
    STATE(7, "the state directory is in use, another job's, damaged, or not one"),
    INTERNAL(10, "a fault in Aquifer itself"),
    INTERRUPTED(130, "stopped or cancelled with Ctrl-C"),
    TERMINATED(143, "stopped or cancelled with SIGTERM");

    final int code;
    final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }
}
