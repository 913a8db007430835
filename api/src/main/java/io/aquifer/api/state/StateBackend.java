package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

/// Where keyed state lives while a job runs.
public sealed interface StateBackend permits HashMapStateBackend, ManagedStateBackend {
    /// The directory for what must outlive the process, or null when there is none.
    @Nullable String path();
}
