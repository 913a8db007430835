package io.aquifer.operators;

import java.util.List;

/// An operator's own part of one checkpoint; keyed state and timers are the host's. Used by the
/// subtask's thread, during one call.
public interface OperatorSnapshot {
    /// The checkpoint's number; rises from call to call. 0 at the end of a job that takes none.
    long checkpoint();

    /// State that belongs to no key. The operators of a restored job find it in
    /// [OperatorContext#restoredState].
    void state(byte[] bytes);

    /// What a sink's writer handed over, to be made visible when the checkpoint is complete.
    void committables(List<String> committables);
}
