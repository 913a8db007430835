package io.aquifer.benchmarks.memory;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.memory.MemoryExhaustedException;

import java.util.Map;

/// How a job ended: `finished`, or `exhausted` with the explanation it gave. Any other failure is
/// the measurement's.
///
/// @param name of the two
/// @param explanation empty when it finished
record JobOutcome(String name, String explanation) {
    /// Runs the job to its end.
    static JobOutcome of(StreamExecutionEnvironment env, String job) throws InterruptedException {
        try {
            env.execute(job);
            return new JobOutcome("finished", "");
        } catch (RuntimeException failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof MemoryExhaustedException) {
                    return new JobOutcome("exhausted", String.valueOf(cause.getMessage()));
                }
            }
            throw failed;
        }
    }

    void addTo(Map<String, Object> values) {
        values.put("outcome", name);
        if (!explanation.isEmpty()) {
            values.put("explanation", explanation);
        }
    }
}
