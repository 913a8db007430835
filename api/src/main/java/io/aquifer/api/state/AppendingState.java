package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

/// State that takes values one by one and gives back what they add up to.
///
/// @param <IN> what is added
/// @param <OUT> what comes back
public interface AppendingState<IN, OUT> extends State {
    /// What the values added up to, or null when there were none.
    @Nullable OUT get();

    void add(IN value);
}
