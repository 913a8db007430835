package io.aquifer.engine;

import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.state.StateBackend;
import io.aquifer.memory.MemoryManager;

/// What all subtasks of one attempt to run a job share.
///
/// @param restored what the attempt goes on from
/// @param run as sinks know it
/// @param takesCheckpoints whether the job has a state directory
/// @param throttle of the job's sources
record AttemptContext(
        String jobName,
        MemoryManager manager,
        StateBackend stateBackend,
        Clock clock,
        OperatorIds ids,
        RestorePoint restored,
        SinkRun run,
        boolean takesCheckpoints,
        SourceThrottle throttle) {}
