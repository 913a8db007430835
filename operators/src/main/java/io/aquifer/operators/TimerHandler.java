package io.aquifer.operators;

import io.aquifer.api.functions.TimeDomain;

/// Called when a timer fires, with `key` as the current key.
public interface TimerHandler<K> {
    void onTimer(K key, long time, TimeDomain domain) throws Exception;
}
