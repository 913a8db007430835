package io.aquifer.engine.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/// What a user reads of a disk's refusals, some of which say no more than a path.
final class Reasons {
    private Reasons() {}

    static String of(IOException e) {
        String message = e.getMessage();
        return switch (e) {
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case FileAlreadyExistsException there -> there.getFile() + " exists already";
            default -> message == null ? e.getClass().getSimpleName() : message;
        };
    }
}
