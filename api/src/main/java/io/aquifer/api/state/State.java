package io.aquifer.api.state;

/// State of the current key. Every call concerns the key of the record or timer being processed.
public interface State {
    /// Removes the current key's entry.
    void clear();
}
