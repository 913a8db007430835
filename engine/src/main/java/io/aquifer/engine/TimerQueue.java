package io.aquifer.engine;

import io.aquifer.api.functions.TimeDomain;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.memory.MemoryManager;
import io.aquifer.operators.KeyedTimers;
import io.aquifer.operators.TimerHandler;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.TimerTable;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The timers of one keyed operator in one subtask, in managed memory off the heap, whatever the
/// state backend.
///
/// A handler may register and delete timers while timers fire; one registered for a time that has
/// passed fires in the same call. Timers of one time fire in order of registration, also after a
/// restore. Used by the subtask's thread.
final class TimerQueue<K> implements KeyedTimers {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final CurrentKey<K> key;
    private final TimerHandler<K> handler;
    private final Clock clock;
    private final TimerTable eventTime;
    private final TimerTable processingTime;
    private final ByteSlot due = new ByteSlot();
    private long watermark;

    /// @param eventTime empty, and closed with the queue, as is `processingTime`
    /// @param watermark where event time stood when the state was saved, else [Long#MIN_VALUE]
    TimerQueue(
            CurrentKey<K> key,
            TimerHandler<K> handler,
            Clock clock,
            TimerTable eventTime,
            TimerTable processingTime,
            long watermark) {
        this.key = key;
        this.handler = handler;
        this.clock = clock;
        this.eventTime = eventTime;
        this.processingTime = processingTime;
        this.watermark = watermark;
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

    private void register(TimerTable timers, long time) {
        DataOutputSerializer bytes = key.bytes();
        timers.register(time, bytes.buffer(), 0, bytes.length());
    }

    private void delete(TimerTable timers, long time) {
        DataOutputSerializer bytes = key.bytes();
        timers.delete(time, bytes.buffer(), 0, bytes.length());
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
        return processingTime.isEmpty() ? Long.MAX_VALUE : processingTime.firstTime();
    }

    private void fire(TimerTable timers, long until, TimeDomain domain) throws Exception {
        while (!timers.isEmpty()) {
            long time = timers.firstTime();
            if (time > until) {
                return;
            }
            timers.poll(due);
            handler.onTimer(key.setBytes(due.array(), 0, due.length()), time, domain);
        }
    }

    /// Takes the timers that a checkpoint holds.
    void restore(RestoredState restored) {
        state(StateSection.Kind.EVENT_TIMERS)
                .restore(restored, (section, entry) -> restore(eventTime, entry));
        state(StateSection.Kind.PROCESSING_TIMERS)
                .restore(restored, (section, entry) -> restore(processingTime, entry));
    }

    private static void restore(TimerTable timers, StateEntry entry) {
        byte[] bytes = entry.buffer();
        timers.register(
                (long) LONG.get(bytes, entry.valueOffset()),
                bytes,
                entry.keyOffset(),
                entry.keyLength());
    }

    void writeTo(StateFileWriter out) throws IOException {
        out.begin(state(StateSection.Kind.EVENT_TIMERS).section());
        eventTime.writeTo(out);
        out.begin(state(StateSection.Kind.PROCESSING_TIMERS).section());
        processingTime.writeTo(out);
    }

    /// Managed memory held now.
    long heldBytes() {
        return (long) (eventTime.pageCount() + processingTime.pageCount())
                * MemoryManager.PAGE_SIZE_BYTES;
    }

    /// Gives the timers' memory back.
    void close() {
        eventTime.close();
        processingTime.close();
    }

    private static RegisteredState state(StateSection.Kind kind) {
        return new RegisteredState(kind, "timers", "", "");
    }
}
