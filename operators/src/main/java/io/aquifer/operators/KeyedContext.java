package io.aquifer.operators;

import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.types.TypeInformation;

/// State and timers of a keyed operator's subtask. Everything concerns the current key unless it
/// says otherwise.
public interface KeyedContext<K> {
    void setCurrentKey(K key);

    K currentKey();

    /// Whether state is too large for the processor's caches, so that [#prefetch] pays.
    boolean gainsFromPrefetch();

    /// These keys are about to become the current key, one after another: brings their state near.
    /// Changes nothing.
    ///
    /// @param keys the first `count` are taken
    void prefetch(Object[] keys, int count);

    /// A context whose `get...State` calls work.
    RuntimeContext runtimeContext();

    /// The operator's timers; `handler` is called with the timer's key as current key. Asked for
    /// once.
    KeyedTimers timers(TimerHandler<K> handler);

    /// One value for each key and window.
    <V> WindowValues<K, V> windowValues(String name, TypeInformation<V> type);

    /// A list for each key and window.
    <V> WindowElements<K, V> windowElements(String name, TypeInformation<V> type);
}
