package io.aquifer.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Processing time that moves only when told to, in milliseconds since the epoch. It never goes
/// back.
///
/// **Threads.** Any.
public final class ManualClock implements LongSupplier {
    private final AtomicLong millis;

    /// @param millis where it starts
    public ManualClock(long millis) {
        this.millis = new AtomicLong(millis);
    }

    public long millis() {
        return millis.get();
    }

    /// As [#millis], for those that take a supplier.
    @Override
    public long getAsLong() {
        return millis.get();
    }

    /// @throws IllegalArgumentException when `newMillis` is before the present
    public void set(long newMillis) {
        long before = millis.get();
        if (newMillis < before || !millis.compareAndSet(before, newMillis)) {
            throw new IllegalArgumentException(
                    "the clock stands at "
                            + millis.get()
                            + " ms and cannot go back to "
                            + newMillis
                            + " ms");
        }
    }

    /// @throws IllegalArgumentException when `duration` is negative
    public void advance(Duration duration) {
        set(Math.addExact(millis.get(), duration.toMillis()));
    }

    @Override
    public String toString() {
        return millis.get() + " ms";
    }
}
