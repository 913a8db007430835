package io.aquifer.state;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

import java.util.stream.Stream;

/// Pinned seeds and one fresh seed, printed; `-Daquifer.test.seed=<seed>` runs that one alone.
public final class Seeds implements ArgumentsProvider {
    @Override
    public Stream<? extends Arguments> provideArguments(
            ParameterDeclarations parameters, ExtensionContext context) {
        Long only = Long.getLong("aquifer.test.seed");
        if (only != null) {
            return Stream.of(Arguments.of(only));
        }
        long fresh = System.nanoTime() ^ context.getUniqueId().hashCode();
        System.out.println(context.getDisplayName() + ": fresh seed -Daquifer.test.seed=" + fresh);
        return Stream.of(
                Arguments.of(1L), Arguments.of(20_260L), Arguments.of(-7L), Arguments.of(fresh));
    }
}
