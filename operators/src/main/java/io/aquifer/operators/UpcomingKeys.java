package io.aquifer.operators;

import io.aquifer.api.functions.KeySelector;

/// Takes the keys out of records that are about to be processed and has their state brought near.
final class UpcomingKeys<IN, K> {
    private final KeySelector<IN, K> keySelector;
    private final KeyedContext<K> keyed;
    private Object[] keys = new Object[0];

    UpcomingKeys(KeySelector<IN, K> keySelector, KeyedContext<K> keyed) {
        this.keySelector = keySelector;
        this.keyed = keyed;
    }

    /// A record whose key cannot be taken ends the batch early; it will fail by itself when its
    /// turn comes.
    @SuppressWarnings("unchecked")
    void announce(Object[] values, int count) {
        if (!keyed.gainsFromPrefetch()) {
            return;
        }
        if (keys.length < count) {
            keys = new Object[count];
        }
        int known = 0;
        try {
            while (known < count) {
                Object key = keySelector.getKey((IN) values[known]);
                if (key == null) {
                    break;
                }
                keys[known++] = key;
            }
            if (known > 1) {
                keyed.prefetch(keys, known);
            }
        } catch (Exception | LinkageError | StackOverflowError | AssertionError failed) {
            // The record fails again, by itself, in processElement, where the failure gets the
            // operator's name.
        }
    }
}
