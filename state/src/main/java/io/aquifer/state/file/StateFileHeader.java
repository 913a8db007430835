package io.aquifer.state.file;

import java.util.Objects;

/// Whose state a file holds.
///
/// @param operator the operator's id, at most 65,535 bytes of UTF-8
/// @param subtask the subtask that wrote it, from 0
/// @param maxParallelism the number of key groups keys are divided into
/// @param firstKeyGroup the first one that may occur in the file
/// @param lastKeyGroup the last one; with state that belongs to no key all groups may occur
public record StateFileHeader(
        String operator, int subtask, int maxParallelism, int firstKeyGroup, int lastKeyGroup) {
    public StateFileHeader {
        Objects.requireNonNull(operator, "operator");
        if (subtask < 0 || maxParallelism < 1) {
            throw new IllegalArgumentException(
                    "a state file needs a subtask from 0 on and a max parallelism from 1 on, not"
                            + " subtask "
                            + subtask
                            + " and max parallelism "
                            + maxParallelism);
        }
        if (firstKeyGroup < 0 || lastKeyGroup < firstKeyGroup || lastKeyGroup >= maxParallelism) {
            throw new IllegalArgumentException(
                    "key groups "
                            + firstKeyGroup
                            + " to "
                            + lastKeyGroup
                            + " are no range of the "
                            + maxParallelism
                            + " there are, 0 to "
                            + (maxParallelism - 1));
        }
    }
}
