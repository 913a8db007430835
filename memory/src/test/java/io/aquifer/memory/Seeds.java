package io.aquifer.memory;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

import java.util.stream.Stream;

/// Three pinned seeds and a fresh one that is printed; or only the one of `-Daquifer.test.seed`.
final class Seeds implements ArgumentsProvider {

    @Override
    public Stream<? extends Arguments> provideArguments(
            ParameterDeclarations parameters, ExtensionContext context) {
        Long replayed = Long.getLong("aquifer.test.seed");
        if (replayed != null) {
            return Stream.of(Arguments.of(replayed));
        }
        long fresh = System.nanoTime();
        System.out.println("fresh seed " + fresh + " for " + context.getDisplayName());
        return Stream.of(1L, 42L, 20_260_101L, fresh).map(Arguments::of);
    }
}
