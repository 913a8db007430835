package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.RestartStrategy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Every strategy against what its documentation says, written down without regard to time.
class RestartsTest {
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    /// A failure: when, and how long the attempt had run.
    private record Failure(long atNanos, long ranNanos) {}

    private static List<Failure> failures(SplittableRandom random) {
        List<Failure> failures = new ArrayList<>();
        // As a clock that counts from anywhere, over its turn too.
        long now = random.nextBoolean() ? Long.MAX_VALUE - 1_000 : random.nextLong();
        for (int i = 0; i < 30; i++) {
            long ran = random.nextLong(200);
            now += ran + random.nextLong(100);
            failures.add(new Failure(now, ran));
        }
        return failures;
    }

    private static void check(
            long seed,
            RestartStrategy strategy,
            List<Failure> failures,
            List<Optional<Duration>> expected) {
        Restarts restarts = new Restarts(strategy);
        for (int i = 0; i < expected.size(); i++) {
            Failure failure = failures.get(i);
            assertThat(restarts.afterFailure(failure.atNanos(), failure.ranNanos()))
                    .as("seed %d: failure %d of %s with %s", seed, i, failures, strategy)
                    .isEqualTo(expected.get(i));
        }
    }

    @Test
    void none_givesUpAtOnce() {
        Restarts restarts = new Restarts(RestartStrategy.none());
        assertThat(restarts.afterFailure(0, 0)).isEmpty();
        assertThat(restarts.description()).isEqualTo("no restart");
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void fixedDelay_restartsThatOften(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int attempts = 1 + random.nextInt(20);
        Duration delay = Duration.ofMillis(random.nextInt(5_000));
        List<Optional<Duration>> expected = new ArrayList<>();
        for (int i = 0; i < attempts; i++) {
            expected.add(Optional.of(delay));
        }
        expected.add(Optional.empty());
        check(seed, RestartStrategy.fixedDelay(attempts, delay), failures(random), expected);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void exponentialDelay_growsUntilAnAttemptLasts(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            long first = random.nextLong(50);
            long most = first + random.nextLong(2_000);
            int multiplier = 1 + random.nextInt(3);
            long reset = random.nextLong(250);
            int attempts = 1 + random.nextInt(6);
            List<Failure> failures = failures(random);
            List<Optional<Duration>> expected = new ArrayList<>();
            int inRow = 0;
            for (Failure failure : failures) {
                inRow = failure.ranNanos() >= reset ? 1 : inRow + 1;
                if (inRow > attempts) {
                    expected.add(Optional.empty());
                    break;
                }
                long delay = first;
                for (int i = 1; i < inRow; i++) {
                    delay = Math.min(most, delay * multiplier);
                }
                expected.add(Optional.of(Duration.ofNanos(delay)));
            }
            check(
                    seed,
                    new RestartStrategy.ExponentialDelay(
                            Duration.ofNanos(first),
                            Duration.ofNanos(most),
                            multiplier,
                            Duration.ofNanos(reset),
                            attempts),
                    failures,
                    expected);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void failureRate_givesUpWhenTooManyFallIntoAnInterval(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            int most = 1 + random.nextInt(5);
            long interval = 1 + random.nextLong(600);
            Duration delay = Duration.ofNanos(random.nextLong(100));
            List<Failure> failures = failures(random);
            List<Optional<Duration>> expected = new ArrayList<>();
            for (int i = 0; i < failures.size(); i++) {
                long now = failures.get(i).atNanos();
                long recent =
                        failures.subList(0, i + 1).stream()
                                .filter(failure -> now - failure.atNanos() <= interval)
                                .count();
                expected.add(recent > most ? Optional.empty() : Optional.of(delay));
                if (recent > most) {
                    break;
                }
            }
            check(
                    seed,
                    RestartStrategy.failureRate(most, Duration.ofNanos(interval), delay),
                    failures,
                    expected);
        }
    }

    @Test
    void durationsBeyondTheClock_areTakenForTheLongest() {
        Restarts fixed = new Restarts(RestartStrategy.fixedDelay(1, FOREVER));
        assertThat(fixed.afterFailure(0, 0)).contains(FOREVER);
        assertThat(fixed.description()).startsWith("1 restarts, ");
        Restarts growing =
                new Restarts(
                        RestartStrategy.exponentialDelay(
                                Duration.ofSeconds(1), FOREVER, 1e300, FOREVER));
        assertThat(growing.afterFailure(0, Long.MAX_VALUE - 1)).contains(Duration.ofSeconds(1));
        assertThat(growing.afterFailure(0, Long.MAX_VALUE - 1))
                .contains(Duration.ofNanos(Long.MAX_VALUE));
        Restarts rate = new Restarts(RestartStrategy.failureRate(1, FOREVER, Duration.ZERO));
        assertThat(rate.afterFailure(0, 0)).isPresent();
        assertThat(rate.afterFailure(Long.MAX_VALUE, 0)).isEmpty();
    }
}
