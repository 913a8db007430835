package io.aquifer.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// The seeds of a random test: some that never change, and a fresh one on every run, which is
/// printed.
///
/// ```java
/// @ParameterizedTest(name = "seed {0}")
/// @ArgumentsSource(Seeds.class)
/// void putAndRemove_inAnyOrder_agreeWithAMap(long seed) { … }
/// ```
///
/// `-Daquifer.test.seed=<seed>` runs that one alone, to replay a failure. **Threads.** Any.
public final class Seeds implements ArgumentsProvider {
    /// The system property that names the one seed to run.
    public static final String PROPERTY = "aquifer.test.seed";

    private static final long[] PINNED = {1, 42, 20260101};

    /// Called by JUnit.
    public Seeds() {}

    /// The seeds of this run: the one asked for, else the pinned ones and a fresh one, which is
    /// printed.
    ///
    /// @param test what to print before the fresh seed
    /// @throws IllegalArgumentException when the system property is no number
    public static LongStream of(String test) {
        String asked = System.getProperty(PROPERTY);
        if (asked != null) {
            try {
                return LongStream.of(Long.parseLong(asked.trim()));
            } catch (NumberFormatException notANumber) {
                throw new IllegalArgumentException(
                        "-D"
                                + PROPERTY
                                + "="
                                + asked
                                + " is no seed: give the number that a run has printed",
                        notANumber);
            }
        }
        long fresh = ThreadLocalRandom.current().nextLong();
        System.out.println(
                test + ": fresh seed " + fresh + ", to replay: -D" + PROPERTY + "=" + fresh);
        return LongStream.concat(LongStream.of(PINNED), LongStream.of(fresh));
    }

    @Override
    public Stream<? extends Arguments> provideArguments(
            ParameterDeclarations parameters, ExtensionContext context) {
        return of(context.getDisplayName()).mapToObj(Arguments::of);
    }
}
