package io.aquifer.memory;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// How a [MemoryManager] decides and how long it waits; [#DEFAULTS] suits production.
///
/// Immutable; any thread.
///
/// @param policy how far each owner may go and who gives back first
/// @param ceilingBytes the largest total that [MemoryManager#resize] may ask for; addresses are
///   reserved for it at the start. 0: the total of the plan
/// @param waitNanos how long a request may wait until somebody has to fail for it
/// @param answerNanos how long an owner may take to answer before others are asked instead
/// @param purging whether released memory goes back to the operating system in the background
/// @param nanoClock the time, as [System#nanoTime]
public record MemoryOptions(
        AllocationPolicy policy,
        long ceilingBytes,
        long waitNanos,
        long answerNanos,
        boolean purging,
        LongSupplier nanoClock) {
    public static final MemoryOptions DEFAULTS =
            new MemoryOptions(
                    AllocationPolicy.parse("elastic"),
                    0,
                    TimeUnit.SECONDS.toNanos(5),
                    TimeUnit.MILLISECONDS.toNanos(100),
                    true,
                    System::nanoTime);

    public MemoryOptions withPolicy(AllocationPolicy newPolicy) {
        return new MemoryOptions(
                newPolicy, ceilingBytes, waitNanos, answerNanos, purging, nanoClock);
    }

    public MemoryOptions withCeiling(long newCeilingBytes) {
        return new MemoryOptions(
                policy, newCeilingBytes, waitNanos, answerNanos, purging, nanoClock);
    }

    /// Waits of other lengths, in nanoseconds.
    public MemoryOptions withWaits(long newWaitNanos, long newAnswerNanos) {
        return new MemoryOptions(
                policy, ceilingBytes, newWaitNanos, newAnswerNanos, purging, nanoClock);
    }

    /// No thread of its own: released memory goes back when [MemoryManager#purge] is called or its
    /// room is needed.
    public MemoryOptions withoutPurging() {
        return new MemoryOptions(policy, ceilingBytes, waitNanos, answerNanos, false, nanoClock);
    }

    public MemoryOptions withClock(LongSupplier newClock) {
        return new MemoryOptions(policy, ceilingBytes, waitNanos, answerNanos, purging, newClock);
    }
}
