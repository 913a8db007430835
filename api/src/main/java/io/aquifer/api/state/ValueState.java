package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

/// One value for each key.
public interface ValueState<T> extends State {
    /// The value, or null when the key has none. What it returns must not be changed without
    /// [#update].
    @Nullable T value();

    /// Sets the value; null clears it.
    void update(@Nullable T value);
}
