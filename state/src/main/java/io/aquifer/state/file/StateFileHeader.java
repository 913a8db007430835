package io.aquifer.state.file;

/// Whose state a file holds.
///
/// @param operator the operator's id
/// @param subtask the subtask that wrote it, from 0
/// @param maxParallelism the number of key groups keys are divided into
/// @param firstKeyGroup the first one that may occur in the file
/// @param lastKeyGroup the last one; with state that belongs to no key all groups may occur
public record StateFileHeader(
        String operator, int subtask, int maxParallelism, int firstKeyGroup, int lastKeyGroup) {}
