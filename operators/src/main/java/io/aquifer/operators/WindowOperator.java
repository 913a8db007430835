package io.aquifer.operators;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.Counter;
import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.windowing.TimeWindow;
import io.aquifer.api.windowing.WindowAssigner;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.TreeMap;

/// Gathers records by key and window, and fires each window once, when the watermark reaches its
/// end.
///
/// Windows are kept apart in state, so a fired window's pages go back as a whole, and no timer is
/// kept for any key.
final class WindowOperator<K, IN, V, OUT>
        implements StreamOperator<IN>, ProcessWindowFunction.Context<TimeWindow> {
    /// Counts records that came after their window had fired, where no side output takes them.
    static final String LATE_RECORDS_DROPPED = "late records dropped";

    private final OperatorContext context;
    private final Output output;
    private final KeySelector<IN, K> keySelector;
    private final WindowAssigner assigner;
    private final WindowContentsState<K, IN, V> contents;
    private final @Nullable ProcessWindowFunction<V, OUT, K, TimeWindow> function;
    private final @Nullable OutputTag<?> lateTag;
    private final KeyedContext<K> keyed;
    private final UpcomingKeys<IN, K> upcoming;
    private final Counter lateRecords;
    private final TimestampedCollector<OUT> collector;
    private final TreeMap<Long, TimeWindow> open = new TreeMap<>();
    private long watermark;
    private @Nullable TimeWindow firing;
    private @Nullable TimeWindow last;

    WindowOperator(
            KeySelector<IN, K> keySelector,
            WindowAssigner assigner,
            WindowContentsState<K, IN, V> contents,
            @Nullable ProcessWindowFunction<V, OUT, K, TimeWindow> function,
            @Nullable OutputTag<?> lateTag,
            OperatorContext context) {
        this.context = context;
        this.output = context.output();
        this.keySelector = FunctionCopy.of(keySelector, context.node());
        this.assigner = assigner;
        this.contents = contents;
        this.function = function == null ? null : FunctionCopy.of(function, context.node());
        this.lateTag = lateTag;
        this.keyed = context.keyed();
        this.watermark = context.restoredWatermark();
        this.upcoming = new UpcomingKeys<>(this.keySelector, keyed);
        this.lateRecords = context.runtimeContext().getCounter(LATE_RECORDS_DROPPED);
        this.collector = new TimestampedCollector<>(output);
    }

    @Override
    public void open() throws Exception {
        contents.open(keyed.runtimeContext());
        for (long start : contents.windows()) {
            open.put(start, assigner.windowOf(start));
        }
        if (function != null) {
            FunctionCopy.open(function, keyed.runtimeContext());
        }
    }

    @Override
    public void prepare(Object[] values, int count) {
        upcoming.announce(values, count);
    }

    @Override
    public void processElement(IN value, long timestamp) throws Exception {
        if (timestamp == NO_TIMESTAMP) {
            throw new IllegalStateException(
                    "the record has no event time, which a window needs: add"
                        + " .assignTimestampsAndWatermarks(WatermarkStrategy.<...>forMonotonousTimestamps().withTimestampAssigner((record,"
                        + " time) -> ...)) before keyBy");
        }
        TimeWindow window = windowOf(timestamp);
        if (window.maxTimestamp() <= watermark) {
            late(value, timestamp);
            return;
        }
        keyed.setCurrentKey(keySelector.getKey(value));
        contents.add(window.start(), value);
    }

    /// The window of `timestamp`: mostly the one of the record before.
    private TimeWindow windowOf(long timestamp) {
        TimeWindow window = last;
        if (window == null || timestamp < window.start() || timestamp >= window.end()) {
            window = assigner.windowOf(timestamp);
            last = window;
            if (window.maxTimestamp() > watermark) {
                open.putIfAbsent(window.start(), window);
            }
        }
        return window;
    }

    private void late(IN value, long timestamp) {
        if (lateTag == null) {
            lateRecords.inc();
        } else {
            output.collect(lateTag, value, timestamp);
        }
    }

    @Override
    public void processWatermark(long newWatermark) throws Exception {
        watermark = newWatermark;
        while (!open.isEmpty()) {
            Map.Entry<Long, TimeWindow> first = open.firstEntry();
            if (first.getValue().maxTimestamp() > newWatermark) {
                break;
            }
            fire(first.getValue());
            open.remove(first.getKey());
            last = null;
        }
        output.watermark(newWatermark);
    }

    private void fire(TimeWindow window) throws Exception {
        firing = window;
        collector.timestamp = window.maxTimestamp();
        contents.forEach(window.start(), this::emit);
        contents.drop(window.start());
        firing = null;
    }

    @SuppressWarnings("unchecked")
    private void emit(K key, Iterable<V> elements) throws Exception {
        if (function != null) {
            function.process(key, this, elements, collector);
        } else {
            for (V element : elements) {
                collector.collect((OUT) element);
            }
        }
    }

    @Override
    public void close() throws Exception {
        contents.close();
        if (function != null) {
            FunctionCopy.close(function);
        }
    }

    @Override
    public TimeWindow window() {
        TimeWindow window = firing;
        if (window == null) {
            throw new IllegalStateException("window() is known only while the window fires");
        }
        return window;
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
