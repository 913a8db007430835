package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;

/// Carries state objects of the heap to the entries of a checkpoint's file and back, in the same
/// bytes as the managed backend keeps: what one has saved the other can go on with. Used by the
/// subtask's thread.
final class HeapEntries<K> {
    private final TypeSerializer<K> keys;
    private final DataOutputSerializer key = new DataOutputSerializer();
    private final DataOutputSerializer mapKey = new DataOutputSerializer();
    private final DataOutputSerializer value = new DataOutputSerializer();
    private final DataInputDeserializer input = new DataInputDeserializer();

    HeapEntries(TypeSerializer<K> keys) {
        this.keys = keys;
    }

    private static <T> void fill(DataOutputSerializer bytes, TypeSerializer<T> serializer, T from) {
        bytes.clear();
        serializer.serialize(from, bytes);
    }

    <V> void write(StateFileWriter out, K of, TypeSerializer<V> values, V written)
            throws IOException {
        fill(key, keys, of);
        fill(value, values, written);
        out.entry(key.buffer(), 0, key.length(), value.buffer(), 0, value.length());
    }

    <U, V> void write(
            StateFileWriter out,
            K of,
            TypeSerializer<U> userKeys,
            U userKey,
            TypeSerializer<V> values,
            V written)
            throws IOException {
        fill(key, keys, of);
        fill(mapKey, userKeys, userKey);
        fill(value, values, written);
        out.mapEntry(
                key.buffer(),
                0,
                key.length(),
                mapKey.buffer(),
                0,
                mapKey.length(),
                value.buffer(),
                0,
                value.length());
    }

    <V> V value(StateEntry entry, TypeSerializer<V> values) {
        input.setBuffer(entry.buffer(), entry.valueOffset(), entry.valueLength());
        return values.deserialize(input);
    }

    <U> U mapKey(StateEntry entry, TypeSerializer<U> userKeys) {
        input.setBuffer(entry.buffer(), entry.mapKeyOffset(), entry.mapKeyLength());
        return userKeys.deserialize(input);
    }
}
