package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.KeyRouting;

/// Where a batch of keys goes, for prefetching.
final class KeyBatch<K> {
    private final TypeSerializer<K> serializer;
    private final DataOutputSerializer bytes = new DataOutputSerializer();
    private final KeyRouting routing;
    private final int maxParallelism;
    private long[] routings = new long[0];

    KeyBatch(TypeSerializer<K> serializer, KeyRouting routing, int maxParallelism) {
        this.serializer = serializer;
        this.routing = routing;
        this.maxParallelism = maxParallelism;
    }

    @SuppressWarnings("unchecked")
    void prefetch(Object[] keys, int count, StateTables<K> tables) {
        if (routings.length < count) {
            routings = new long[count];
        }
        for (int i = 0; i < count; i++) {
            bytes.clear();
            serializer.serialize((K) keys[i], bytes);
            int group = KeyGroups.keyGroup(keys[i], maxParallelism);
            routings[i] = routing.of(group, bytes.buffer(), 0, bytes.length());
        }
        tables.prefetch(routings, count);
    }
}
