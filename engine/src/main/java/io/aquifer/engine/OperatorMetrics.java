package io.aquifer.engine;

import io.aquifer.api.functions.Counter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What one operator of one subtask counts. Written by the subtask's thread, read by any: readers
/// see recent values.
final class OperatorMetrics {
    private final Count in = new Count();
    private final Count out = new Count();
    private final Map<String, Count> counters = new ConcurrentHashMap<>();
    private volatile long watermark = Long.MIN_VALUE;
    private volatile long stateBytes;

    /// A number with one writer.
    static final class Count implements Counter {
        private static final VarHandle VALUE;

        static {
            try {
                VALUE = MethodHandles.lookup().findVarHandle(Count.class, "value", long.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        private long value;

        @Override
        public void inc(long n) {
            VALUE.setOpaque(this, value + n);
        }

        @Override
        public long getCount() {
            return (long) VALUE.getOpaque(this);
        }
    }

    Count in() {
        return in;
    }

    Count out() {
        return out;
    }

    Counter counter(String name) {
        return counters.computeIfAbsent(name, ignored -> new Count());
    }

    Map<String, Count> counters() {
        return counters;
    }

    void setWatermark(long watermark) {
        this.watermark = watermark;
    }

    long watermark() {
        return watermark;
    }

    void setStateBytes(long stateBytes) {
        this.stateBytes = stateBytes;
    }

    long stateBytes() {
        return stateBytes;
    }
}
