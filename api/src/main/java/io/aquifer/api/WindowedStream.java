package io.aquifer.api;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.Operation.WindowContents;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.windowing.TimeWindow;
import io.aquifer.api.windowing.WindowAssigner;

import org.jspecify.annotations.Nullable;

/// Records of each key gathered by window. A window fires once, when the watermark reaches its end,
/// and is then forgotten; records emitted carry the window's last millisecond as their time.
public final class WindowedStream<T, K> {
    private final DataStream<T> stream;
    private final WindowAssigner assigner;
    private final @Nullable OutputTag<T> lateTag;

    WindowedStream(DataStream<T> stream, WindowAssigner assigner, @Nullable OutputTag<T> lateTag) {
        this.stream = stream;
        this.assigner = assigner;
        this.lateTag = lateTag;
    }

    /// Sends records that come after their window fired to a side output, instead of dropping and
    /// counting them.
    public WindowedStream<T, K> sideOutputLateData(OutputTag<T> tag) {
        return new WindowedStream<>(stream, assigner, tag);
    }

    public SingleOutputStreamOperator<T> reduce(ReduceFunction<T> function) {
        return window(
                new WindowContents.Reduced(function, stream.getType()), null, stream.getType());
    }

    public <R> SingleOutputStreamOperator<R> reduce(
            ReduceFunction<T> function, ProcessWindowFunction<T, R, K, TimeWindow> process) {
        return window(
                new WindowContents.Reduced(function, stream.getType()), process, outputOf(process));
    }

    public <ACC, R> SingleOutputStreamOperator<R> aggregate(AggregateFunction<T, ACC, R> function) {
        return window(
                aggregated(function),
                null,
                DataStream.outputOf(function, AggregateFunction.class, 2));
    }

    public <ACC, V, R> SingleOutputStreamOperator<R> aggregate(
            AggregateFunction<T, ACC, V> function,
            ProcessWindowFunction<V, R, K, TimeWindow> process) {
        return window(aggregated(function), process, outputOf(process));
    }

    /// Keeps every record until the window fires.
    public <R> SingleOutputStreamOperator<R> process(
            ProcessWindowFunction<T, R, K, TimeWindow> process) {
        return window(new WindowContents.Elements(stream.getType()), process, outputOf(process));
    }

    private <R> @Nullable TypeInformation<R> outputOf(
            ProcessWindowFunction<?, R, K, TimeWindow> process) {
        return DataStream.outputOf(process, ProcessWindowFunction.class, 1);
    }

    private static WindowContents aggregated(AggregateFunction<?, ?, ?> function) {
        return new WindowContents.Aggregated(
                function, DataStream.outputOf(function, AggregateFunction.class, 1));
    }

    private <R> SingleOutputStreamOperator<R> window(
            WindowContents contents,
            @Nullable ProcessWindowFunction<?, ?, ?, ?> process,
            @Nullable TypeInformation<R> type) {
        return stream.then(
                "window", new Operation.Window(assigner, contents, process, lateTag), type);
    }
}
