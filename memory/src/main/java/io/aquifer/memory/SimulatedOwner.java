package io.aquifer.memory;

import io.aquifer.memory.RecordedTrace.Step;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One owner of a simulation: its steps, where it is in them, and what became of it.
///
/// An owner does one thing after the other. What delays it (waiting, spilling) delays all of its
/// later steps, and what delayed it while the trace was recorded is taken off.
final class SimulatedOwner {
    /// Where an owner is.
    enum State {
        RUNNING,
        WAITING,
        ENDED
    }

    final int id;
    final List<Integer> steps = new ArrayList<>();
    final Map<String, SimulatedHolding> holdings = new HashMap<>();
    String name = "";
    int priority;
    State state = State.RUNNING;
    int nextStep;

    /// The pool whose memory it waits for.
    @Nullable String waitsFor;

    /// How much later than recorded its steps are, in nanoseconds; below 0 when they are earlier.
    long delayNanos;

    /// Until when its thread is occupied with giving memory back.
    long busyUntilNanos;

    long openedNanos;
    long endedNanos;
    @Nullable Long failedNanos;

    int waits;
    long waitedNanos;
    long waitedNanosMax;
    int refusals;
    long spilledBytes;
    long spilledForItBytes;

    SimulatedOwner(int id) {
        this.id = id;
    }

    SimulatedHolding holding(String pool, long now) {
        return holdings.computeIfAbsent(pool, _ -> new SimulatedHolding(now));
    }

    /// When its next step is due.
    long dueNanos(List<Step> all) {
        return all.get(steps.get(nextStep)).event().nanos() + delayNanos;
    }

    void waited(long nanos) {
        waits++;
        waitedNanos += nanos;
        waitedNanosMax = Math.max(waitedNanosMax, nanos);
    }
}
