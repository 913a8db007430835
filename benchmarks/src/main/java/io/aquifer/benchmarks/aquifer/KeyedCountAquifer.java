package io.aquifer.benchmarks.aquifer;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkWriter;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.benchmarks.Checkpoints;
import io.aquifer.benchmarks.KeyedCountPlan;
import io.aquifer.benchmarks.RunLog;
import io.aquifer.benchmarks.SinkLog;

/// The keyed count on Aquifer with managed state and a budget of 2048 MiB; everything else is as it
/// comes.
public final class KeyedCountAquifer {
    private KeyedCountAquifer() {}

    public static void main(String[] arguments) throws Exception {
        KeyedCountPlan plan = KeyedCountPlan.parse(arguments);
        try (Checkpoints checkpoints = Checkpoints.ofThisRun()) {
            RunLog.run(plan, () -> count(plan, checkpoints));
        }
    }

    private static void count(KeyedCountPlan plan, Checkpoints checkpoints)
            throws InterruptedException {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("2048");
        if (checkpoints.intervalMillis() == 0) {
            env.setStateBackend(new ManagedStateBackend());
        } else {
            env.setStateBackend(new ManagedStateBackend(checkpoints.directory().toString()));
            env.enableCheckpointing(checkpoints.intervalMillis());
        }
        env.setParallelism(plan.parallelism());
        env.fromSource(new KeySource(plan), WatermarkStrategy.noWatermarks(), "keys")
                .keyBy(key -> key, TypeInformation.of(Long.class))
                .process(new Count())
                .returns(Long.class)
                .sinkTo(new Tally());
        env.execute("keyed-count");
    }

    private static final class Count extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("NullAway.Init") // set by open, which the engine calls first
        private transient ValueState<Long> count;

        @Override
        public void open() {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
        }

        @Override
        public void processElement(Long key, Context<Long> context, Collector<Long> out) {
            Long before = count.value();
            long now = before == null ? 1 : before + 1;
            count.update(now);
            out.collect(now);
        }
    }

    private static final class Tally implements Sink<Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public String name() {
            return "tally";
        }

        @Override
        public SinkWriter<Long> createWriter(SinkContext context) {
            SinkLog log = RunLog.openSink();
            return new SinkWriter<>() {
                @Override
                public void write(Long count, long timestamp) {
                    log.add(count);
                }

                @Override
                public void close() {}
            };
        }
    }
}
