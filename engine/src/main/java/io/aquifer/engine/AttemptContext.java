package io.aquifer.engine;

import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.state.StateBackend;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

/// What all subtasks of one attempt to run a job share.
///
/// @param memory everything the job holds, over all its attempts
/// @param restored what the attempt goes on from
/// @param run as sinks know it
/// @param takesCheckpoints whether the job has a state directory
/// @param spill where what does not fit into memory goes
/// @param throttle of the job's sources
record AttemptContext(
        String jobName,
        MemoryManager manager,
        MemoryScope memory,
        StateBackend stateBackend,
        Clock clock,
        OperatorIds ids,
        RestorePoint restored,
        SinkRun run,
        boolean takesCheckpoints,
        Spill spill,
        SourceThrottle throttle) {}
