package io.aquifer.benchmarks.flink;

import io.aquifer.benchmarks.KeyedCountPlan;
import io.aquifer.benchmarks.RunLog;
import io.aquifer.benchmarks.SinkLog;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/// The keyed count on Flink's heap state backend in a local cluster.
///
/// Everything that makes it faster is on: objects are reused, generic types are refused, buffers
/// are sent when full and not by a timer, nothing is checkpointed, the source hands over batches.
public final class KeyedCountFlink {
    private KeyedCountFlink() {}

    public static void main(String[] arguments) throws Exception {
        KeyedCountPlan plan = KeyedCountPlan.parse(arguments);
        RunLog.run(plan, () -> count(plan));
    }

    private static void count(KeyedCountPlan plan) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, plan.parallelism());
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(128));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(128));
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(
                        plan.parallelism(), configuration);
        env.setBufferTimeout(-1);
        env.fromSource(new KeySource(plan), WatermarkStrategy.noWatermarks(), "keys", Types.LONG)
                .keyBy(key -> key, Types.LONG)
                .process(new Count())
                .returns(Types.LONG)
                .sinkTo(new Tally());
        env.execute("keyed-count");
    }

    private static final class Count extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("NullAway.Init") // set by open, which Flink calls first
        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(Long key, Context context, Collector<Long> out)
                throws Exception {
            Long before = count.value();
            long now = before == null ? 1 : before + 1;
            count.update(now);
            out.collect(now);
        }
    }

    private static final class Tally implements Sink<Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public SinkWriter<Long> createWriter(WriterInitContext context) {
            SinkLog log = RunLog.openSink();
            return new SinkWriter<>() {
                @Override
                public void write(Long count, Context where) {
                    log.add(count);
                }

                @Override
                public void flush(boolean endOfInput) {}

                @Override
                public void close() {}
            };
        }
    }
}
