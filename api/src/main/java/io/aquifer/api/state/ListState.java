package io.aquifer.api.state;

import java.util.List;

/// A list for each key, in the order of adding. [#get] is never null: a key without elements has an
/// empty list.
public interface ListState<T> extends AppendingState<T, Iterable<T>> {
    @Override
    Iterable<T> get();

    /// Replaces the list; an empty one clears it.
    void update(List<T> values);

    void addAll(List<T> values);
}
