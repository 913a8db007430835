package io.aquifer.engine;

import io.aquifer.engine.checkpoint.CheckpointDraft;

import org.jspecify.annotations.Nullable;

/// Where subtasks hand in their parts of checkpoints. Any thread; nothing waits.
interface CheckpointReceiver {
    /// For jobs that take none.
    CheckpointReceiver NONE =
            new CheckpointReceiver() {
                @Override
                public @Nullable CheckpointDraft draft(long checkpoint) {
                    return null;
                }

                @Override
                public boolean isUnderWay(long checkpoint) {
                    return false;
                }

                @Override
                public void acknowledge(
                        Subtask subtask, long checkpoint, SubtaskSnapshot snapshot) {}
            };

    /// Where the state goes; null when the checkpoint was given up meanwhile.
    @Nullable CheckpointDraft draft(long checkpoint);

    /// Whether a checkpoint's barriers still have to be waited for. Once false it stays so, and
    /// subtasks that wait are woken.
    boolean isUnderWay(long checkpoint);

    /// A subtask has reached the checkpoint's barrier and written its state.
    void acknowledge(Subtask subtask, long checkpoint, SubtaskSnapshot snapshot);
}
