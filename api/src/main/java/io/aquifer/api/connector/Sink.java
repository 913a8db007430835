package io.aquifer.api.connector;

import java.io.IOException;
import java.io.Serializable;

/// Where records go. Each subtask writes through its own [SinkWriter]; what they wrote becomes
/// visible when the checkpoint that holds it is complete, and at the job's end.
///
/// | Call            | Who calls                 | When                                          |
/// |-----------------|---------------------------|-----------------------------------------------|
/// | [#open]         | the job's starting thread | once an attempt, before any task              |
/// | [#createWriter] | each subtask              | once, when it starts                          |
public interface Sink<T> extends Serializable {
    /// The short name that progress, reports and messages use. With checkpoints it also tells
    /// whether a resumed job still writes to the same place.
    String name();

    /// Checks early what would fail late, such as that the directory can be made and written, and
    /// takes what one run at a time may use.
    default SinkCommitter open(SinkRun run) throws IOException {
        return SinkCommitter.NONE;
    }

    SinkWriter<T> createWriter(SinkContext context) throws IOException;
}
