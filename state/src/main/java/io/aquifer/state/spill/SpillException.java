package io.aquifer.state.spill;

import java.io.IOException;
import java.util.Locale;

/// The disk refused what a structure wanted to spill to it or read back; the message says whose it
/// was, where, and what to change.
public final class SpillException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String ANOTHER_DIRECTORY =
            "name another directory with --spill-dir or -Daquifer.spill.dir=DIR";

    private SpillException(String message, IOException cause) {
        super(message, cause);
    }

    /// A run could not be written; the structure holds all it held before.
    ///
    /// @param directory as messages name it
    /// @param spilledBytes what the structure has on disk
    public static SpillException notWritten(
            String owner, Object directory, long spilledBytes, IOException cause) {
        return new SpillException(
                "cannot spill records of '%s' to %s: %s, with %s of its records there already. No record was lost, but the one at hand was not taken. Make room there, %s, or give more memory, so that less is spilled."
                        .formatted(
                                owner,
                                directory,
                                text(cause),
                                mebi(spilledBytes),
                                ANOTHER_DIRECTORY),
                cause);
    }

    /// What was written could not be read, or is not what was written.
    public static SpillException notRead(
            String owner, Object directory, long spilledBytes, IOException cause) {
        return new SpillException(
                "cannot read spilled records of '%s' back from %s: %s, with %s of its records there. What is there cannot be relied on; look at the disk, or %s."
                        .formatted(
                                owner,
                                directory,
                                text(cause),
                                mebi(spilledBytes),
                                ANOTHER_DIRECTORY),
                cause);
    }

    private static String text(IOException cause) {
        String message = cause.getMessage();
        return cause.getClass() == IOException.class && message != null
                ? message
                : cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static String mebi(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
