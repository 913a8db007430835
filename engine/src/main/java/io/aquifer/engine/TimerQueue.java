package io.aquifer.engine;

import io.aquifer.api.functions.TimeDomain;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.operators.KeyedTimers;
import io.aquifer.operators.TimerHandler;
import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/// The timers of one keyed operator in one subtask, in buckets by time: most jobs have many keys at
/// few times.
///
/// Kept on the heap in this form and charged to the heap's share of managed memory. A handler may
/// register and delete timers while timers fire; one registered for a time that has passed fires in
/// the same call.
final class TimerQueue<K> implements KeyedTimers {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final CurrentKey<K> key;
    private final TimerHandler<K> handler;
    private final Clock clock;
    private final TreeMap<Long, Set<K>> eventTime = new TreeMap<>();
    private final TreeMap<Long, Set<K>> processingTime = new TreeMap<>();
    private final HeapCharge charge;
    private final IntSupplier timerBytes;
    private long watermark;

    /// @param charge for the timers; ends with the queue
    /// @param watermark where event time stood when the state was saved, else [Long#MIN_VALUE]
    TimerQueue(
            CurrentKey<K> key,
            TimerHandler<K> handler,
            Clock clock,
            HeapCharge charge,
            long watermark) {
        this.charge = charge;
        this.timerBytes = () -> key.bytes().length() + Long.BYTES;
        this.watermark = watermark;
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
        charge.put(timerBytes, 1);
        if (!timers.computeIfAbsent(time, ignored -> new LinkedHashSet<>()).add(key.get())) {
            charge.remove(1);
        }
    }

    private void delete(TreeMap<Long, Set<K>> timers, long time) {
        Set<K> bucket = timers.get(time);
        if (bucket != null) {
            if (bucket.remove(key.get())) {
                charge.remove(1);
            }
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
            charge.remove(1);
            if (first.getValue().isEmpty()) {
                timers.remove(first.getKey());
            }
            key.set(next);
            handler.onTimer(next, first.getKey(), domain);
        }
    }

    /// Takes the timers that a checkpoint holds.
    void restore(RestoredState restored) {
        K current = key.orNull();
        state(StateSection.Kind.EVENT_TIMERS)
                .restore(restored, (section, entry) -> restore(eventTime, entry));
        state(StateSection.Kind.PROCESSING_TIMERS)
                .restore(restored, (section, entry) -> restore(processingTime, entry));
        key.setOrNull(current);
    }

    private void restore(TreeMap<Long, Set<K>> timers, StateEntries entry) {
        key.setBytes(entry.buffer(), entry.keyOffset(), entry.keyLength());
        register(timers, (long) LONG.get(entry.buffer(), entry.valueOffset()));
    }

    void writeTo(StateFileWriter out) throws IOException {
        K current = key.orNull();
        out.begin(state(StateSection.Kind.EVENT_TIMERS).section());
        write(eventTime, out);
        out.begin(state(StateSection.Kind.PROCESSING_TIMERS).section());
        write(processingTime, out);
        key.setOrNull(current);
    }

    /// Gives back what the timers were charged.
    void close() {
        charge.close();
    }

    private static RegisteredState state(StateSection.Kind kind) {
        return new RegisteredState(kind, "timers", "", "");
    }

    private void write(TreeMap<Long, Set<K>> timers, StateFileWriter out) throws IOException {
        byte[] time = new byte[Long.BYTES];
        for (Map.Entry<Long, Set<K>> bucket : timers.entrySet()) {
            LONG.set(time, 0, (long) bucket.getKey());
            for (K of : bucket.getValue()) {
                key.set(of);
                DataOutputSerializer keyBytes = key.bytes();
                out.entry(keyBytes.buffer(), 0, keyBytes.length(), time, 0, time.length);
            }
        }
    }
}
