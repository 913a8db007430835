package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

/// Keeps state as bytes in managed memory, off the heap. The default.
///
/// @param path directory for checkpoints, with which a later start goes on; null for none
public record ManagedStateBackend(@Nullable String path) implements StateBackend {
    public ManagedStateBackend {
        if (path != null && path.isBlank()) {
            throw new IllegalArgumentException(
                    "the state path is blank: give a directory, or use new ManagedStateBackend()"
                            + " for none");
        }
    }

    public ManagedStateBackend() {
        this(null);
    }
}
