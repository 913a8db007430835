package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.ByteSlot;

/// Carries values of one type between objects and the bytes of a state table, in buffers of its
/// own.
final class StateBytes<V> {
    private final TypeSerializer<V> serializer;
    private final DataOutputSerializer output = new DataOutputSerializer();
    private final DataInputDeserializer input = new DataInputDeserializer();
    private final ByteSlot slot = new ByteSlot();

    StateBytes(TypeSerializer<V> serializer) {
        this.serializer = serializer;
    }

    /// The value's bytes, in `buffer()` from 0 to `length()`, until the next call.
    DataOutputSerializer write(V value) {
        output.clear();
        serializer.serialize(value, output);
        return output;
    }

    /// Where a table puts bytes for [#read()].
    ByteSlot slot() {
        return slot;
    }

    V read() {
        return read(slot);
    }

    V read(ByteSlot from) {
        input.setBuffer(from.array(), 0, from.length());
        return serializer.deserialize(input);
    }
}
