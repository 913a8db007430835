package io.aquifer.engine;

import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.operators.KeyedContext;
import io.aquifer.operators.KeyedTimers;
import io.aquifer.operators.TimerHandler;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;

import org.jspecify.annotations.Nullable;

/// The keyed state and timers of one operator in one subtask.
final class KeyedState<K> implements KeyedContext<K>, AutoCloseable {
    /// State up to this size is taken to lie in the processor's caches.
    private static final long CACHED_BYTES = 1L << 20;

    private final CurrentKey<K> key;
    private final StateTables<K> tables;
    private final KeyBatch<K> upcoming;
    private final RuntimeContext runtimeContext;
    private final SubtaskContext subtask;
    private final OperatorMetrics metrics;
    private @Nullable TimerQueue<K> timers;

    private KeyedState(
            CurrentKey<K> key,
            StateTables<K> tables,
            KeyBatch<K> upcoming,
            RuntimeContext runtimeContext,
            SubtaskContext subtask,
            OperatorMetrics metrics) {
        this.key = key;
        this.tables = tables;
        this.upcoming = upcoming;
        this.runtimeContext = runtimeContext;
        this.subtask = subtask;
        this.metrics = metrics;
    }

    static <K> KeyedState<K> open(
            TypeInformation<K> keyType,
            StreamNode node,
            SubtaskContext subtask,
            OperatorMetrics metrics) {
        CurrentKey<K> key = new CurrentKey<>(keyType.createSerializer());
        StateTables<K> tables =
                switch (subtask.stateBackend()) {
                    case ManagedStateBackend managed ->
                            new ManagedStateTables<>(key, node, subtask);
                    case HashMapStateBackend heap ->
                            new HeapStateTables<>(key, keyType, node, subtask);
                };
        return new KeyedState<>(
                key,
                tables,
                new KeyBatch<>(keyType.createSerializer()),
                new KeyedRuntimeContext(node, subtask, metrics, tables),
                subtask,
                metrics);
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
        TimerQueue<K> queue = new TimerQueue<>(key, handler, subtask.clock());
        timers = queue;
        return queue;
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

    void publishMetrics() {
        metrics.setStateBytes(tables.heldBytes());
    }

    @Override
    public void close() {
        tables.close();
    }
}
