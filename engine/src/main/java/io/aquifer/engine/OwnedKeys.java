package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.file.StateFileHeader;

/// The keys of one subtask: those whose key groups lie in its range.
final class OwnedKeys<K> implements RestoredState.KeyOwner {
    private final TypeSerializer<K> serializer;
    private final DataInputDeserializer input = new DataInputDeserializer();
    private final KeyGroupRange range;

    OwnedKeys(TypeSerializer<K> serializer, KeyGroupRange range) {
        this.serializer = serializer;
        this.range = range;
    }

    @Override
    public boolean ownsAll(StateFileHeader file) {
        return range.contains(file.firstKeyGroup()) && range.contains(file.lastKeyGroup());
    }

    /// Whether a file can hold any of the keys.
    @Override
    public boolean ownsSome(StateFileHeader file) {
        return file.firstKeyGroup() <= range.last() && file.lastKeyGroup() >= range.first();
    }

    @Override
    public boolean owns(byte[] bytes, int offset, int length) {
        input.setBuffer(bytes, offset, length);
        return range.contains(
                KeyGroups.keyGroup(serializer.deserialize(input), range.maxParallelism()));
    }
}
