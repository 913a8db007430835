package io.aquifer.memory.space;

import java.io.IOException;
import java.nio.file.Path;

/// A file cannot be read through memory, or not any more.
public final class MappedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    private MappedFileException(String message) {
        super(message);
    }

    private MappedFileException(String message, Throwable cause) {
        super(message, cause);
    }

    static MappedFileException missing(Path file) {
        return new MappedFileException("cannot map " + file + ": it does not exist.");
    }

    static MappedFileException notAFile(Path file) {
        return new MappedFileException("cannot map " + file + ": it is not a regular file.");
    }

    static MappedFileException empty(Path file) {
        return new MappedFileException(
                "cannot map "
                        + file
                        + ": it is empty. Whoever wrote it did not finish, or it was truncated.");
    }

    static MappedFileException resized(Path file, long sizeBytes, long now) {
        return new MappedFileException(
                "cannot read "
                        + file
                        + ": its size changed from "
                        + sizeBytes
                        + " to "
                        + now
                        + " bytes while it was mapped. Its reader relies on finished files that"
                        + " nobody changes.");
    }

    static MappedFileException faulted(Path file, long sizeBytes, InternalError fault) {
        return new MappedFileException(
                "cannot read "
                        + file
                        + ": a part of its "
                        + sizeBytes
                        + " bytes is not there any more. The file was shortened while it was"
                        + " mapped, or the disk could not read it.",
                fault);
    }
}
