package io.aquifer.engine;

import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.checkpoint.RunSeed;
import io.aquifer.operators.KeyedContext;
import io.aquifer.operators.KeyedTimers;
import io.aquifer.operators.TimerHandler;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.TimerTable;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;

/// The keyed state and timers of one operator in one subtask.
final class KeyedState<K> implements KeyedContext<K>, AutoCloseable {
    /// State up to this size is taken to lie in the processor's caches.
    private static final long CACHED_BYTES = 1L << 20;

    /// The section that says of what type the keys are; its entry, if there is one, is a key.
    private static final String KEY_TYPE = "key";

    private final CurrentKey<K> key;
    private final StateTables<K> tables;
    private final KeyBatch<K> upcoming;
    private final RuntimeContext runtimeContext;
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final OperatorMetrics metrics;
    private final RestoredState restored;
    private final RegisteredState keyType;
    private final long restoredWatermark;
    private @Nullable TimerQueue<K> timers;

    /// A key as bytes, whose group shows whether groups are what they were.
    private byte @Nullable [] sample;

    private KeyedState(
            CurrentKey<K> key,
            TypeInformation<K> keyType,
            KeyRouting routing,
            StateTables<K> tables,
            RestoredState restored,
            StreamNode node,
            SubtaskContext subtask,
            OperatorMetrics metrics,
            OperatorMemory memory) {
        this.key = key;
        this.tables = tables;
        this.restored = restored;
        this.keyType = RegisteredState.of(StateSection.Kind.OPERATOR, KEY_TYPE, keyType);
        this.upcoming =
                new KeyBatch<>(
                        keyType.createSerializer(), routing, subtask.keyGroups().maxParallelism());
        this.runtimeContext = new KeyedRuntimeContext(node, subtask, metrics, memory, tables);
        this.node = node;
        this.subtask = subtask;
        this.metrics = metrics;
        this.restoredWatermark = subtask.restored().watermark(node);
    }

    /// Makes the state of an operator, empty or as a checkpoint holds it.
    static <K> KeyedState<K> open(
            TypeInformation<K> keyType,
            StreamNode node,
            SubtaskContext subtask,
            OperatorMetrics metrics,
            OperatorMemory memory) {
        int maxParallelism = subtask.keyGroups().maxParallelism();
        // Order and collisions of keys cannot be foreseen, so that nobody can choose keys that
        // collide; and are the same in all attempts of a run, so that its runs can be read again.
        KeyRouting routing =
                KeyRouting.of(RunSeed.of(subtask.attempt().run().runId()), maxParallelism);
        CurrentKey<K> key =
                new CurrentKey<>(
                        keyType.createSerializer(), subtask.memory(), routing, maxParallelism);
        OwnedKeys<K> owned = new OwnedKeys<>(keyType, subtask.keyGroups());
        RestoredState restored = RestoredState.open(node, subtask, routing, owned);
        try {
            StateTables<K> tables =
                    switch (subtask.stateBackend()) {
                        case ManagedStateBackend managed ->
                                new ManagedStateTables<>(
                                        key,
                                        routing,
                                        node,
                                        subtask,
                                        restored,
                                        owned.hasSameGroups());
                        case HashMapStateBackend heap ->
                                new HeapStateTables<>(key, keyType, node, subtask, restored);
                    };
            KeyedState<K> state =
                    new KeyedState<>(
                            key, keyType, routing, tables, restored, node, subtask, metrics,
                            memory);
            state.keyType.restore(restored, (section, entry) -> {});
            state.sample = restored.checkSamples(state.keyType.section());
            return state;
        } catch (RuntimeException | Error failed) {
            restored.close();
            throw failed;
        }
    }

    @Override
    public void setCurrentKey(K newKey) {
        key.set(newKey);
    }

    @Override
    public K currentKey() {
        return key.get();
    }

    @Override
    public boolean gainsFromPrefetch() {
        return tables.heldBytes() > CACHED_BYTES && tables instanceof ManagedStateTables<K>;
    }

    @Override
    public void prefetch(Object[] keys, int count) {
        upcoming.prefetch(keys, count, tables);
    }

    @Override
    public RuntimeContext runtimeContext() {
        return runtimeContext;
    }

    @Override
    public KeyedTimers timers(TimerHandler<K> handler) {
        if (timers != null) {
            throw new IllegalStateException("the operator asks for its timers twice");
        }
        TimerQueue<K> queue =
                new TimerQueue<>(
                        key,
                        handler,
                        subtask.clock(),
                        timerTable("event-time timers"),
                        timerTable("processing-time timers"),
                        restoredWatermark);
        timers = queue;
        queue.restore(restored);
        return queue;
    }

    private TimerTable timerTable(String name) {
        return TimerTable.open(
                subtask.memory()
                        .leasePages(subtask.manager().managed(), node.name() + " / " + name),
                ThreadLocalRandom.current().nextLong());
    }

    @Override
    public <V> WindowValues<K, V> windowValues(String name, TypeInformation<V> type) {
        return tables.windowValues(name, type);
    }

    @Override
    public <V> WindowElements<K, V> windowElements(String name, TypeInformation<V> type) {
        return tables.windowElements(name, type);
    }

    /// Fires the processing-time timers that have come due.
    ///
    /// @return when the next one does, [Long#MAX_VALUE] when there is none
    long fireProcessingTimeTimers() throws Exception {
        TimerQueue<K> queue = timers;
        return queue == null ? Long.MAX_VALUE : queue.fireProcessingTime();
    }

    /// Brings all state and timers of a checkpoint to `out`, or to runs that `runs` gets.
    ///
    /// @throws IOException when the disk refuses
    void writeTo(StateFileWriter out, StateRuns runs) throws IOException {
        out.begin(keyType.section());
        byte[] shown = key.orNull() == null ? sample : key.copyOfBytes();
        if (shown != null) {
            out.entry(shown, 0, 0, shown, 0, shown.length);
        }
        tables.writeTo(out, runs);
        TimerQueue<K> queue = timers;
        if (queue != null) {
            queue.writeTo(out);
        }
        restored.copyUnclaimed(out, runs);
    }

    void publishMetrics() {
        TimerQueue<K> queue = timers;
        metrics.setStateBytes(tables.heldBytes() + (queue == null ? 0 : queue.heldBytes()));
    }

    @Override
    public void close() {
        TimerQueue<K> queue = timers;
        if (queue != null) {
            queue.close();
        }
        tables.close();
        restored.close();
    }
}
