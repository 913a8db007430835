package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;

/// The bytes of a batch of keys, for prefetching.
final class KeyBatch<K> {
    private final TypeSerializer<K> serializer;
    private final DataOutputSerializer bytes = new DataOutputSerializer();
    private int[] offsets = new int[0];
    private int[] lengths = new int[0];

    KeyBatch(TypeSerializer<K> serializer) {
        this.serializer = serializer;
    }

    @SuppressWarnings("unchecked")
    void prefetch(Object[] keys, int count, StateTables<K> tables) {
        if (offsets.length < count) {
            offsets = new int[count];
            lengths = new int[count];
        }
        bytes.clear();
        for (int i = 0; i < count; i++) {
            int start = bytes.length();
            serializer.serialize((K) keys[i], bytes);
            offsets[i] = start;
            lengths[i] = bytes.length() - start;
        }
        tables.prefetch(bytes.buffer(), offsets, lengths, count);
    }
}
