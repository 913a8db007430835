package io.aquifer.engine;

/// A job could not start, failed, or was cancelled. The message is for the user: which job, which
/// operator and where it was declared, why, and on which record.
public final class JobExecutionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final JobState state;

    private JobExecutionException(String message, Throwable cause, JobState state) {
        super(message, cause);
        this.state = state;
    }

    static JobExecutionException notStarted(String job, Throwable cause) {
        return new JobExecutionException(
                "job '" + job + "' did not start: " + describe(cause), cause, JobState.FAILED);
    }

    /// @param more what follows the cause, empty or from ". " on
    static JobExecutionException failed(String job, Throwable cause, String more) {
        return new JobExecutionException(
                "job '" + job + "' failed: " + describe(cause) + more, cause, JobState.FAILED);
    }

    /// @param checkpoint 0 when there is none
    static JobExecutionException stopped(String job, long checkpoint) {
        return new JobExecutionException(
                "job '"
                        + job
                        + "' was stopped"
                        + (checkpoint == 0
                                ? " before its first checkpoint"
                                : " with checkpoint "
                                        + checkpoint
                                        + "; it goes on from there when it is started again"),
                new CanceledException(),
                JobState.STOPPED);
    }

    static JobExecutionException canceled(String job) {
        return new JobExecutionException(
                "job '" + job + "' was cancelled", new CanceledException(), JobState.CANCELED);
    }

    /// [JobState#FAILED], [JobState#CANCELED] or [JobState#STOPPED].
    public JobState state() {
        return state;
    }

    /// A cause in words: our own messages are complete, those of others get the exception's name.
    static String describe(Throwable cause) {
        String message = cause.getMessage();
        String type = cause.getClass().getName();
        if (type.startsWith("io.aquifer.") && message != null) {
            return message;
        }
        if (cause instanceof java.io.IOException
                && message != null
                && cause.getClass() == java.io.IOException.class) {
            return message;
        }
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
