package io.aquifer.operators;

import io.aquifer.api.eventtime.TimestampAssigner;
import io.aquifer.api.eventtime.WatermarkGenerator;
import io.aquifer.api.eventtime.WatermarkStrategy;

import org.jspecify.annotations.Nullable;

/// Gives records their event time and makes watermarks. Watermarks from before are dropped, but for
/// the last one.
final class TimestampOperator<IN> implements StreamOperator<IN> {
    private static final int WATERMARK_EVERY = 256;

    private final Output output;
    private final @Nullable TimestampAssigner<IN> assigner;
    private final @Nullable WatermarkGenerator<IN> generator;
    private long watermark;
    private int sinceWatermark;

    TimestampOperator(WatermarkStrategy<IN> strategy, OperatorContext context) {
        WatermarkStrategy<IN> copy = FunctionCopy.of(strategy, context.node());
        output = context.output();
        watermark = context.restoredWatermark();
        assigner = copy.timestampAssigner();
        generator = copy.generator() == null ? null : copy.generator().createWatermarkGenerator();
    }

    @Override
    public void open() {}

    @Override
    public void processElement(IN value, long timestamp) {
        long time = assigner == null ? timestamp : assigner.extractTimestamp(value, timestamp);
        output.collect((Object) value, time);
        if (generator != null) {
            generator.onEvent(value, time);
            if (++sinceWatermark >= WATERMARK_EVERY) {
                sinceWatermark = 0;
                advance(known(generator));
            }
        }
    }

    @Override
    public void processWatermark(long newWatermark) {
        if (newWatermark == Long.MAX_VALUE) {
            advance(newWatermark);
        } else if (generator != null) {
            advance(known(generator));
        }
    }

    /// What a generator says; the last watermark of all is not its to say, since input may follow.
    private long known(WatermarkGenerator<IN> asked) {
        long next = asked.currentWatermark();
        return next == Long.MAX_VALUE ? watermark : next;
    }

    private void advance(long newWatermark) {
        if (newWatermark > watermark) {
            watermark = newWatermark;
            output.watermark(newWatermark);
        }
    }

    @Override
    public void close() {}
}
