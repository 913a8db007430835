package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Keyed jobs through real exchanges, against a plain map.
class KeyedJobTest {
    record Count(long key, long count) {}

    static Stream<Arguments> backendsAndParallelisms() {
        List<Arguments> all = new ArrayList<>();
        for (StateBackend backend : List.of(new ManagedStateBackend(), new HashMapStateBackend())) {
            for (int parallelism : new int[] {1, 2, 4}) {
                all.add(Arguments.of(backend, parallelism));
            }
        }
        return all.stream();
    }

    static final class CountByKey extends KeyedProcessFunction<Long, Long, Count> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> counts;

        @Override
        public void open() {
            counts = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
        }

        @Override
        public void processElement(Long value, Context<Long> ctx, Collector<Count> out) {
            Long before = counts.value();
            long count = before == null ? 1 : before + 1;
            counts.update(count);
            out.collect(new Count(ctx.getCurrentKey(), count));
        }
    }

    @ParameterizedTest(name = "{0}, parallelism {1}")
    @MethodSource("backendsAndParallelisms")
    void keyedProcess_withValueState_countsEveryRecordOfEveryKeyInOrder(
            StateBackend backend, int parallelism) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.setStateBackend(backend);
        env.setParallelism(parallelism);
        Map<Long, Long> counts = new HashMap<>();
        env.fromSequence(0, 199_999)
                .keyBy(value -> value % 1_000)
                .process(new CountByKey())
                .collect(
                        count -> {
                            Long before = counts.put(count.key(), count.count());
                            assertThat(count.count()).isEqualTo(before == null ? 1 : before + 1);
                        });
        env.execute("counts");
        assertThat(counts).hasSize(1_000);
        assertThat(counts.values()).containsOnly(200L);
    }
}
