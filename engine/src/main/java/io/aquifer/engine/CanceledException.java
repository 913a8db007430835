package io.aquifer.engine;

/// Ends a subtask's thread when its job is being cancelled. Never seen by users.
final class CanceledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CanceledException() {
        super("cancelled", null, false, false);
    }
}
