package io.aquifer.state.run;

/// What an entry of a run does to the value that older runs have of its key.
public enum EntryOp {
    /// Replaces it.
    PUT,
    /// Removes it.
    DELETE,
    /// Adds its bytes behind it.
    APPEND
}
