package io.aquifer.engine;

import io.aquifer.api.state.StateBackend;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

/// What the operators of one subtask share: who they are, their memory, their clock, and where
/// waiting happens.
///
/// @param memory everything the subtask holds; closed when its thread has ended
/// @param exchangeMemory what lies between the job's subtasks
/// @param keyGroups the subtask's share of all keys
record SubtaskContext(
        AttemptContext attempt,
        SubtaskId id,
        KeyGroupRange keyGroups,
        MemoryScope memory,
        MemoryScope exchangeMemory,
        Signal signal) {
    /// Joins where the subtask waits with what it holds: its thread answers requests for memory
    /// between two batches and inside every wait.
    void serveReclaims() {
        signal.serveWith(memory::serveReclaims);
        memory.onReclaimRequested(signal::wake);
    }

    String jobName() {
        return attempt.jobName();
    }

    MemoryManager manager() {
        return attempt.manager();
    }

    StateBackend stateBackend() {
        return attempt.stateBackend();
    }

    Clock clock() {
        return attempt.clock();
    }

    Spill spill() {
        return attempt.spill();
    }

    RestorePoint restored() {
        return attempt.restored();
    }
}
