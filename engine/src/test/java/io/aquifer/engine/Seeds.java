package io.aquifer.engine;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/// Pinned seeds and a fresh one, which the test's name shows; `-Daquifer.test.seed=<seed>` replays
/// one.
public final class Seeds implements ArgumentsProvider {
    @Override
    public Stream<? extends Arguments> provideArguments(
            ParameterDeclarations parameters, ExtensionContext context) {
        Long asked = Long.getLong("aquifer.test.seed");
        if (asked != null) {
            return Stream.of(Arguments.of(asked));
        }
        long fresh = ThreadLocalRandom.current().nextLong();
        System.out.println(context.getDisplayName() + ": fresh seed " + fresh);
        return Stream.of(1L, 42L, 20260101L, fresh).map(Arguments::of);
    }
}
