package io.aquifer.operators;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.FilterFunction;
import io.aquifer.api.functions.FlatMapFunction;
import io.aquifer.api.functions.Function;
import io.aquifer.api.functions.MapFunction;
import io.aquifer.api.functions.ProcessFunction;

import org.jspecify.annotations.Nullable;

/// What the stateless operators share: a function's life, and watermarks passed straight on.
abstract sealed class FunctionOperator<IN, F extends Function> implements StreamOperator<IN> {
    final OperatorContext context;
    final Output output;
    final F function;

    private FunctionOperator(F function, OperatorContext context) {
        this.context = context;
        this.output = context.output();
        this.function = FunctionCopy.of(function, context.node());
    }

    @Override
    public void open() throws Exception {
        FunctionCopy.open(function, context.runtimeContext());
    }

    @Override
    public void processWatermark(long watermark) throws Exception {
        output.watermark(watermark);
    }

    @Override
    public void close() throws Exception {
        FunctionCopy.close(function);
    }

    static final class Mapping<IN, OUT> extends FunctionOperator<IN, MapFunction<IN, OUT>> {
        Mapping(MapFunction<IN, OUT> function, OperatorContext context) {
            super(function, context);
        }

        @Override
        public void processElement(IN value, long timestamp) throws Exception {
            OUT result = function.map(value);
            if (result == null) {
                throw new NullPointerException(
                        "map returned null; a stream holds no nulls: use flatMap to drop a record");
            }
            output.collect(result, timestamp);
        }
    }

    static final class Filtering<IN> extends FunctionOperator<IN, FilterFunction<IN>> {
        Filtering(FilterFunction<IN> function, OperatorContext context) {
            super(function, context);
        }

        @Override
        public void processElement(IN value, long timestamp) throws Exception {
            if (function.filter(value)) {
                output.collect((Object) value, timestamp);
            }
        }
    }

    static final class FlatMapping<IN, OUT> extends FunctionOperator<IN, FlatMapFunction<IN, OUT>> {
        private final TimestampedCollector<OUT> collector;

        FlatMapping(FlatMapFunction<IN, OUT> function, OperatorContext context) {
            super(function, context);
            collector = new TimestampedCollector<>(output);
        }

        @Override
        public void processElement(IN value, long timestamp) throws Exception {
            collector.timestamp = timestamp;
            function.flatMap(value, collector);
        }
    }

    static final class Processing<IN, OUT> extends FunctionOperator<IN, ProcessFunction<IN, OUT>>
            implements ProcessFunction.Context {
        private final TimestampedCollector<OUT> collector;
        private long watermark;

        Processing(ProcessFunction<IN, OUT> function, OperatorContext context) {
            super(function, context);
            collector = new TimestampedCollector<>(output);
            watermark = context.restoredWatermark();
        }

        @Override
        public void processElement(IN value, long timestamp) throws Exception {
            collector.timestamp = timestamp;
            function.processElement(value, this, collector);
        }

        @Override
        public void processWatermark(long newWatermark) throws Exception {
            watermark = newWatermark;
            super.processWatermark(newWatermark);
        }

        @Override
        public @Nullable Long timestamp() {
            return collector.timestampOrNull();
        }

        @Override
        public long currentWatermark() {
            return watermark;
        }

        @Override
        public long currentProcessingTime() {
            return context.currentProcessingTime();
        }

        @Override
        public <X> void output(OutputTag<X> tag, X value) {
            output.collect(tag, TimestampedCollector.present(tag, value), collector.timestamp);
        }
    }
}
