package io.aquifer.engine.checkpoint;

import java.io.IOException;

/// A lock file that is held.
final class DirectoryInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialized
    private final LockHolder holder;

    DirectoryInUseException(LockHolder holder) {
        super("in use by " + holder);
        this.holder = holder;
    }

    LockHolder holder() {
        return holder;
    }
}
