package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file or directory that cannot be used: it is not there, not permitted, in the way, or the disk
/// is full.
///
/// The message is complete for the user: what failed, for which file, and what to do.
public final class FileAccessException extends IOException {
    private static final long serialVersionUID = 1L;

    private FileAccessException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    static FileAccessException of(String message) {
        return new FileAccessException(message, null);
    }

    static FileAccessException cannotRead(Path file, IOException cause) {
        String remedy =
                cause instanceof AccessDeniedException
                        ? "Ask for permission to read it, or start the job as a user who may."
                        : "Check the disk and the path, then run again.";
        return new FileAccessException(
                "cannot read " + file + ": " + reason(cause) + ". " + remedy, cause);
    }

    static FileAccessException cannotWrite(Path file, IOException cause) {
        if (isDiskFull(cause)) {
            return diskFull(file, -1, cause);
        }
        return new FileAccessException(
                "cannot write "
                        + file
                        + ": "
                        + reason(cause)
                        + ". Choose another directory, or make this one writable for the user who"
                        + " runs the job.",
                cause);
    }

    /// @param written bytes that reached the file before, -1 when nobody counted
    static FileAccessException diskFull(Path file, long written, IOException cause) {
        String before =
                written < 0 ? "" : " after " + FileFormatException.grouped(written) + " bytes";
        return new FileAccessException(
                "cannot write "
                        + file
                        + ": the disk is full"
                        + before
                        + ". Nothing of this file is visible. Free some space or choose a"
                        + " directory on another disk.",
                cause);
    }

    static boolean isDiskFull(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("No space left")
                || message.contains("not enough space")
                || message.contains("Disk quota exceeded");
    }

    static String reason(IOException cause) {
        return switch (cause) {
            case NoSuchFileException missing -> "no such file";
            case AccessDeniedException denied -> "no permission";
            case FileSystemException named when named.getReason() instanceof String reason ->
                    lowered(reason);
            default -> String.valueOf(cause.getMessage());
        };
    }

    private static String lowered(String reason) {
        return reason.isEmpty()
                ? reason
                : Character.toLowerCase(reason.charAt(0)) + reason.substring(1);
    }
}
