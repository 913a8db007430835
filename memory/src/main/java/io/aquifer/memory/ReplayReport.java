package io.aquifer.memory;

import java.util.List;

/// What each policy made of a trace, to read or to compute with.
///
/// Immutable; any thread.
public final class ReplayReport {
    private final String file;
    private final RecordedTrace trace;
    private final ReplayCosts costs;
    private final List<PolicyOutcome> outcomes;

    ReplayReport(
            String file, RecordedTrace trace, ReplayCosts costs, List<PolicyOutcome> outcomes) {
        this.file = file;
        this.trace = trace;
        this.costs = costs;
        this.outcomes = List.copyOf(outcomes);
    }

    /// Tables for people: the policies side by side, then each policy's owners.
    public List<String> lines() {
        return new ReplayText(file, trace, costs, outcomes).lines();
    }

    /// One JSON object; sizes in bytes, times in seconds, names in camel case.
    public String json() {
        return ReplayJson.of(file, trace, costs, outcomes);
    }

    List<PolicyOutcome> outcomes() {
        return outcomes;
    }
}
