package io.aquifer.engine.checkpoint;

import io.aquifer.state.file.StateSection;

/// One state of one operator in a checkpoint, over all subtasks and windows.
///
/// @param operatorId as in the manifest, with `operatorName`
/// @param keyType the type of the operator's keys as text, with the schemas it is made of; empty
///   when the state has no keys
/// @param mapKeyType the type of the user's map keys, empty where there are none
/// @param valueType the type of the values, empty where they are not the user's
/// @param entries elements of lists and entries of maps counted each in a file with entries, and
///   keys in runs
/// @param exact whether there are so many entries; else, since keys that changed are in several
///   runs, there are as many at most
/// @param bytes of the entries as they are stored
/// @param windows how many have entries; 0 for a state without windows
/// @param firstKeyGroup the first of those that may occur in the files that hold the state
/// @param lastKeyGroup the last one
/// @param maxParallelism how many key groups there are
public record StoredState(
        String operatorId,
        String operatorName,
        StateSection.Kind kind,
        String name,
        String keyType,
        String mapKeyType,
        String valueType,
        long entries,
        boolean exact,
        long bytes,
        int windows,
        int firstKeyGroup,
        int lastKeyGroup,
        int maxParallelism) {

    /// Whether another is the same state, in whatever checkpoint.
    public boolean isSameState(StoredState other) {
        return operatorId.equals(other.operatorId) && kind == other.kind && name.equals(other.name);
    }
}
