package io.aquifer.api.graph;

import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

/// How records travel from the subtasks of one operator to those of the next.
public sealed interface Partitioning {
    /// Subtask to subtask, in the same thread where both have the same parallelism; else as
    /// [Rebalance].
    record Forward() implements Partitioning {}

    /// To each subtask in turn.
    record Rebalance() implements Partitioning {}

    /// All to the first subtask.
    record Global() implements Partitioning {}

    /// Every record to every subtask.
    record Broadcast() implements Partitioning {}

    /// To the subtask that owns the key group of the record's key.
    ///
    /// @param keyType null when it could not be inferred
    record Hash(
            KeySelector<?, ?> keySelector,
            @Nullable TypeInformation<?> keyType,
            SourceLocation location)
            implements Partitioning {}
}
