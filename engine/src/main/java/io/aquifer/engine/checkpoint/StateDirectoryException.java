package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

/// A state directory that cannot be used: in use by another process, of another job, damaged, or
/// not writable. The message is complete for the user.
public final class StateDirectoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StateDirectoryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
