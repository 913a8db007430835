package io.aquifer.testkit;

import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;

import org.junit.jupiter.params.provider.Arguments;

import java.util.List;
import java.util.stream.Stream;

/// What tests here run over; named in `@MethodSource`.
final class Cases {
    static final String BACKENDS = "io.aquifer.testkit.Cases#backends";
    static final String BACKENDS_AND_SEEDS = "io.aquifer.testkit.Cases#backendsAndSeeds";
    static final String BACKENDS_AND_PARALLELISMS =
            "io.aquifer.testkit.Cases#backendsAndParallelisms";

    private Cases() {}

    static Stream<StateBackend> backends() {
        return Stream.of(new ManagedStateBackend(), new HashMapStateBackend());
    }

    static Stream<Arguments> backendsAndSeeds() {
        List<Long> seeds = Seeds.of("both backends").boxed().toList();
        return backends()
                .flatMap(backend -> seeds.stream().map(seed -> Arguments.of(backend, seed)));
    }

    static Stream<Arguments> backendsAndParallelisms() {
        return backends()
                .flatMap(
                        backend ->
                                Stream.of(1, 2, 4)
                                        .map(parallelism -> Arguments.of(backend, parallelism)));
    }
}
