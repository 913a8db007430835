package io.aquifer.engine;

import io.aquifer.api.RestartStrategy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Decides after each failure of a job whether it starts again, and when. Used by the job's
/// coordinator.
final class Restarts {
    private final RestartStrategy strategy;
    private final Deque<Long> failures = new ArrayDeque<>();
    private int attempts;
    private Duration nextDelay = Duration.ZERO;

    Restarts(RestartStrategy strategy) {
        this.strategy = strategy;
    }

    /// A failure has happened.
    ///
    /// @param nowNanos of a clock that does not go back
    /// @param ranNanos how long the failed attempt had run
    /// @return how long to wait before the next attempt; empty to give up
    Optional<Duration> afterFailure(long nowNanos, long ranNanos) {
        return switch (strategy) {
            case RestartStrategy.None none -> Optional.empty();
            case RestartStrategy.FixedDelay fixed ->
                    ++attempts > fixed.attempts() ? Optional.empty() : Optional.of(fixed.delay());
            case RestartStrategy.ExponentialDelay exponential -> exponential(exponential, ranNanos);
            case RestartStrategy.FailureRate rate -> rate(rate, nowNanos);
        };
    }

    private Optional<Duration> exponential(
            RestartStrategy.ExponentialDelay exponential, long ranNanos) {
        if (attempts == 0 || ranNanos >= TimeUnit.NANOSECONDS.convert(exponential.resetAfter())) {
            attempts = 0;
            nextDelay = exponential.initialDelay();
        }
        if (++attempts > exponential.attempts()) {
            return Optional.empty();
        }
        Duration delay = nextDelay;
        double grown = TimeUnit.NANOSECONDS.convert(delay) * exponential.multiplier();
        long most = TimeUnit.NANOSECONDS.convert(exponential.maxDelay());
        nextDelay = Duration.ofNanos((long) Math.min(grown, most));
        return Optional.of(delay);
    }

    private Optional<Duration> rate(RestartStrategy.FailureRate rate, long nowNanos) {
        long interval = TimeUnit.NANOSECONDS.convert(rate.interval());
        failures.addLast(nowNanos);
        while (!failures.isEmpty() && nowNanos - failures.getFirst() > interval) {
            failures.removeFirst();
        }
        return failures.size() > rate.maxFailures() ? Optional.empty() : Optional.of(rate.delay());
    }

    /// The strategy in words, for the message of the last failure.
    String description() {
        return switch (strategy) {
            case RestartStrategy.None none -> "no restart";
            case RestartStrategy.FixedDelay fixed ->
                    "%d restarts, %s apart".formatted(fixed.attempts(), text(fixed.delay()));
            case RestartStrategy.ExponentialDelay exponential ->
                    "%d restarts with growing delays".formatted(exponential.attempts());
            case RestartStrategy.FailureRate rate ->
                    "at most %d failures in %s"
                            .formatted(rate.maxFailures(), text(rate.interval()));
        };
    }

    private static String text(Duration duration) {
        long millis = TimeUnit.MILLISECONDS.convert(duration);
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
