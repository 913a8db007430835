package io.aquifer.api;

import java.time.Duration;

/// What happens when a task of a job fails: how often, and after which delays, the job starts again
/// from its last complete checkpoint, or from the beginning when there is none.
///
/// When a strategy gives up, the job fails with the last failure. A job that could not be started
/// at all is not tried again. The terms are Flink's.
///
/// Immutable; any thread.
public sealed interface RestartStrategy {
    /// The first failure is the job's.
    static RestartStrategy none() {
        return new None();
    }

    /// Up to `attempts` restarts, each after `delay`.
    static RestartStrategy fixedDelay(int attempts, Duration delay) {
        return new FixedDelay(attempts, delay);
    }

    /// Restarts without end, after delays that grow from `initialDelay` by `multiplier` up to
    /// `maxDelay`; a job that has run for `resetAfter` begins again with the first delay.
    static RestartStrategy exponentialDelay(
            Duration initialDelay, Duration maxDelay, double multiplier, Duration resetAfter) {
        return new ExponentialDelay(
                initialDelay, maxDelay, multiplier, resetAfter, Integer.MAX_VALUE);
    }

    /// Restarts after `delay` as long as there are at most `maxFailures` failures in any
    /// `interval`.
    static RestartStrategy failureRate(int maxFailures, Duration interval, Duration delay) {
        return new FailureRate(maxFailures, interval, delay);
    }

    record None() implements RestartStrategy {}

    /// @param attempts at least 1
    record FixedDelay(int attempts, Duration delay) implements RestartStrategy {
        public FixedDelay {
            atLeastOne("attempts", attempts);
            notNegative("delay", delay);
        }
    }

    /// @param multiplier at least 1
    /// @param attempts restarts without a run of `resetAfter` between them
    record ExponentialDelay(
            Duration initialDelay,
            Duration maxDelay,
            double multiplier,
            Duration resetAfter,
            int attempts)
            implements RestartStrategy {
        public ExponentialDelay {
            notNegative("initial delay", initialDelay);
            notNegative("reset interval", resetAfter);
            atLeastOne("attempts", attempts);
            if (maxDelay.compareTo(initialDelay) < 0) {
                throw new IllegalArgumentException(
                        "the largest delay, "
                                + maxDelay
                                + ", is shorter than the first, "
                                + initialDelay);
            }
            if (!(multiplier >= 1) || Double.isInfinite(multiplier)) {
                throw new IllegalArgumentException(
                        "the multiplier of a restart delay is at least 1, got " + multiplier);
            }
        }
    }

    /// @param maxFailures at least 1
    record FailureRate(int maxFailures, Duration interval, Duration delay)
            implements RestartStrategy {
        public FailureRate {
            atLeastOne("failures", maxFailures);
            notNegative("delay", delay);
            if (interval.isNegative() || interval.isZero()) {
                throw new IllegalArgumentException(
                        "the interval of a failure rate is longer than 0, got " + interval);
            }
        }
    }

    private static void atLeastOne(String what, int number) {
        if (number < 1) {
            throw new IllegalArgumentException(
                    "the " + what + " of a restart strategy are at least 1, got " + number);
        }
    }

    private static void notNegative(String what, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    "the " + what + " of a restart strategy is not negative, got " + duration);
        }
    }
}
