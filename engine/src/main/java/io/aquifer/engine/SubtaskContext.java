package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.StateBackend;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

import java.util.List;

/// What the operators of one subtask share: who they are, their memory, their clock, and where
/// waiting happens.
///
/// @param memory everything the subtask holds; closed when its thread has ended
record SubtaskContext(
        String jobName,
        SubtaskId id,
        MemoryManager manager,
        MemoryScope memory,
        StateBackend stateBackend,
        Clock clock,
        Signal signal,
        Committables committables) {

    /// What the sinks' writers hand in at the end. Any thread.
    interface Committables {
        void add(StreamNode sink, List<String> committables);
    }
}
