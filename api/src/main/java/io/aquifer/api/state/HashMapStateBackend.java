package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

/// Keeps state as objects on the Java heap, charged to managed memory by measured size.
///
/// For small state. When its share of managed memory is used up the job fails and says so;
/// [ManagedStateBackend] holds several times more in the same budget.
///
/// @param path directory for checkpoints, with which a later start goes on; null for none
public record HashMapStateBackend(@Nullable String path) implements StateBackend {
    public HashMapStateBackend {
        if (path != null && path.isBlank()) {
            throw new IllegalArgumentException(
                    "the state path is blank: give a directory, or use new HashMapStateBackend()"
                            + " for none");
        }
    }

    public HashMapStateBackend() {
        this(null);
    }
}
