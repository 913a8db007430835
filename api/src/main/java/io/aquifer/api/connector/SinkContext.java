package io.aquifer.api.connector;

import java.util.List;

/// Which of the sink's writers this is, and what it goes on from.
///
/// @param subtaskIndex from 0
/// @param parallelism how many writers there are
/// @param restoredState what writers of an earlier attempt gave as [SinkWriter#snapshotState] and
///   this one goes on with: none, one, or several when there are fewer writers now
public record SinkContext(
        SinkRun run, int subtaskIndex, int parallelism, List<byte[]> restoredState) {
    public SinkContext {
        restoredState = List.copyOf(restoredState);
    }
}
