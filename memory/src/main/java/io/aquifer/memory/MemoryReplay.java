package io.aquifer.memory;

import java.nio.file.Path;
import java.util.List;

/// Answers what other allocation policies would have made of a recorded run.
///
/// A trace is recorded with `-Daquifer.memory.trace=FILE`. Record it with memory to spare: what the
/// recorded run itself gave back under pressure is in the trace as if its owners had wanted to.
public final class MemoryReplay {
    private MemoryReplay() {}

    /// Replays the trace under each policy, in virtual time, on the calling thread.
    ///
    /// @return the same report for the same file and policies
    /// @throws MemoryTraceException if the file is not a whole trace; names line and reason
    public static ReplayReport run(Path trace, List<AllocationPolicy> policies) {
        RecordedTrace recorded = RecordedTrace.read(trace);
        return new ReplayReport(
                trace.toString(),
                recorded,
                ReplayCosts.USUAL,
                policies.stream()
                        .map(
                                policy ->
                                        new MemorySimulation(recorded, policy, ReplayCosts.USUAL)
                                                .run())
                        .toList());
    }
}
