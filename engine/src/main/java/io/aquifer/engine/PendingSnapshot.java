package io.aquifer.engine;

import java.io.IOException;

/// One subtask's part of a checkpoint whose state is still on its way to disk. **Threads.** The
/// subtask's.
final class PendingSnapshot {
    private final long checkpoint;
    private SubtaskSnapshot snapshot;

    PendingSnapshot(long checkpoint, SubtaskSnapshot snapshot) {
        this.checkpoint = checkpoint;
        this.snapshot = snapshot;
    }

    long checkpoint() {
        return checkpoint;
    }

    /// Complete, or with why it is not, when [#advance] or [#finish] says so.
    SubtaskSnapshot snapshot() {
        return snapshot;
    }

    /// Goes on, as far as it need not wait.
    ///
    /// @return whether it has ended
    boolean advance() {
        if (snapshot.failure() != null) {
            return true;
        }
        try {
            for (SubtaskSnapshot.OperatorPart part : snapshot.operators().values()) {
                if (!part.runs().advance()) {
                    return false;
                }
            }
        } catch (IOException refused) {
            snapshot = snapshot.failed(refused);
        }
        return true;
    }

    boolean canAdvance() {
        return snapshot.operators().values().stream().allMatch(part -> part.runs().canAdvance());
    }

    /// Goes on to the end, and waits for that.
    void finish() {
        try {
            for (SubtaskSnapshot.OperatorPart part : snapshot.operators().values()) {
                part.runs().finish();
            }
        } catch (IOException refused) {
            snapshot = snapshot.failed(refused);
        }
    }
}
