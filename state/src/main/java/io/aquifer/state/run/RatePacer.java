package io.aquifer.state.run;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// So many bytes a second, and what was not used for a quarter of a second. One merge at a time.
///
/// **Threads.** One at a time; [#bytesPerSecond(long)] from any.
public final class RatePacer implements Pacer {
    private static final long SECOND = 1_000_000_000L;
    private static final long SAVED_NANOS = SECOND / 4;

    private final LongSupplier nanoTime;
    private final LongConsumer sleepNanos;
    private volatile long bytesPerSecond;

    /// When the bytes so far are paid.
    private long paidUntil;

    /// @param bytesPerSecond at least 1
    /// @param nanoTime a clock that never goes back, such as [System#nanoTime]
    /// @param sleepNanos waits so long, or less
    public RatePacer(long bytesPerSecond, LongSupplier nanoTime, LongConsumer sleepNanos) {
        this.nanoTime = nanoTime;
        this.sleepNanos = sleepNanos;
        this.paidUntil = nanoTime.getAsLong() - SAVED_NANOS;
        bytesPerSecond(bytesPerSecond);
    }

    /// Changes the rate from the next bytes on.
    public void bytesPerSecond(long rate) {
        if (rate < 1) {
            throw new IllegalArgumentException("a rate of " + rate + " bytes a second is none");
        }
        bytesPerSecond = rate;
    }

    @Override
    public void spend(long bytes) {
        long now = nanoTime.getAsLong();
        if (now - paidUntil > SAVED_NANOS) {
            paidUntil = now - SAVED_NANOS;
        }
        paidUntil += (long) ((double) bytes / bytesPerSecond * SECOND);
        long wait = paidUntil - now;
        if (wait > 0) {
            sleepNanos.accept(wait);
        }
    }
}
