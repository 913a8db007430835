package io.aquifer.engine;

import io.aquifer.api.OutputTag;
import io.aquifer.operators.Output;

import java.util.List;
import java.util.Map;

/// One operator's output: the targets of its main output, and of each side output that is read.
final class OperatorOutput implements Output {
    private static final ChainTarget[] NONE = {};

    private final OperatorMetrics metrics;
    private ChainTarget[] main = NONE;
    private Map<OutputTag<?>, ChainTarget[]> side = Map.of();
    private ChainTarget[] all = NONE;
    private long lastWatermark = Long.MIN_VALUE;

    OperatorOutput(OperatorMetrics metrics) {
        this.metrics = metrics;
    }

    /// Sets the targets, once, before the first record.
    void connect(List<ChainTarget> mainTargets, Map<OutputTag<?>, List<ChainTarget>> sideTargets) {
        main = mainTargets.toArray(NONE);
        side = new java.util.HashMap<>();
        java.util.List<ChainTarget> every = new java.util.ArrayList<>(mainTargets);
        sideTargets.forEach(
                (tag, targets) -> {
                    side.put(tag, targets.toArray(NONE));
                    every.addAll(targets);
                });
        all = every.toArray(NONE);
    }

    @Override
    public void collect(Object value, long timestamp) {
        metrics.out().inc(1);
        for (ChainTarget target : main) {
            target.element(value, timestamp);
        }
    }

    @Override
    public void collect(OutputTag<?> tag, Object value, long timestamp) {
        ChainTarget[] targets = side.get(tag);
        if (targets != null) {
            for (ChainTarget target : targets) {
                target.element(value, timestamp);
            }
        }
    }

    /// The last watermark passed on.
    long lastWatermark() {
        return lastWatermark;
    }

    /// Tells the receivers in other subtasks how far event time had come at the checkpoint this
    /// attempt goes on from; operators of the same chain know it themselves.
    void restoreWatermark(long watermark) {
        lastWatermark = watermark;
        if (watermark > Long.MIN_VALUE) {
            for (ChainTarget target : all) {
                if (target instanceof RecordWriter writer) {
                    writer.watermark(watermark);
                }
            }
        }
    }

    @Override
    public void watermark(long watermark) {
        lastWatermark = watermark;
        metrics.setWatermark(watermark);
        for (ChainTarget target : all) {
            target.watermark(watermark);
        }
    }
}
