package io.aquifer.engine;

import io.aquifer.api.functions.TimeDomain;
import io.aquifer.operators.KeyedTimers;
import io.aquifer.operators.TimerHandler;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The timers of one keyed operator in one subtask, in buckets by time: most jobs have many keys at
/// few times.
///
/// Kept on the heap in this form. A handler may register and delete timers while timers fire; one
/// registered for a time that has passed fires in the same call.
final class TimerQueue<K> implements KeyedTimers {
    private final CurrentKey<K> key;
    private final TimerHandler<K> handler;
    private final Clock clock;
    private final TreeMap<Long, Set<K>> eventTime = new TreeMap<>();
    private final TreeMap<Long, Set<K>> processingTime = new TreeMap<>();
    private long watermark = Long.MIN_VALUE;

    TimerQueue(CurrentKey<K> key, TimerHandler<K> handler, Clock clock) {
        this.key = key;
        this.handler = handler;
        this.clock = clock;
    }

    @Override
    public long currentProcessingTime() {
        return clock.millis();
    }

    @Override
    public long currentWatermark() {
        return watermark;
    }

    @Override
    public void registerEventTimeTimer(long time) {
        register(eventTime, time);
    }

    @Override
    public void deleteEventTimeTimer(long time) {
        delete(eventTime, time);
    }

    @Override
    public void registerProcessingTimeTimer(long time) {
        register(processingTime, time);
    }

    @Override
    public void deleteProcessingTimeTimer(long time) {
        delete(processingTime, time);
    }

    private void register(TreeMap<Long, Set<K>> timers, long time) {
        timers.computeIfAbsent(time, ignored -> new LinkedHashSet<>()).add(key.get());
    }

    private void delete(TreeMap<Long, Set<K>> timers, long time) {
        Set<K> bucket = timers.get(time);
        if (bucket != null) {
            bucket.remove(key.get());
            if (bucket.isEmpty()) {
                timers.remove(time);
            }
        }
    }

    @Override
    public void advanceWatermark(long newWatermark) throws Exception {
        watermark = newWatermark;
        fire(eventTime, newWatermark, TimeDomain.EVENT_TIME);
    }

    /// Fires what the clock has reached.
    ///
    /// @return the next timer's time, [Long#MAX_VALUE] when there is none
    long fireProcessingTime() throws Exception {
        if (processingTime.isEmpty()) {
            return Long.MAX_VALUE;
        }
        fire(processingTime, clock.millis(), TimeDomain.PROCESSING_TIME);
        return processingTime.isEmpty() ? Long.MAX_VALUE : processingTime.firstKey();
    }

    private void fire(TreeMap<Long, Set<K>> timers, long until, TimeDomain domain)
            throws Exception {
        while (!timers.isEmpty()) {
            Map.Entry<Long, Set<K>> first = timers.firstEntry();
            if (first.getKey() > until) {
                return;
            }
            K next = first.getValue().iterator().next();
            first.getValue().remove(next);
            if (first.getValue().isEmpty()) {
                timers.remove(first.getKey());
            }
            key.set(next);
            handler.onTimer(next, first.getKey(), domain);
        }
    }
}
