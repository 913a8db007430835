package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSchema;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.file.StateFileHeader;

/// The keys of one subtask: those whose key groups lie in its range.
///
/// A key's group comes from its hash code, and that of an enum's constant is another one in every
/// process. Where a key has one in it, nothing follows from the groups of a file that another
/// process has written: every key of every file is looked at.
final class OwnedKeys<K> implements RestoredState.KeyOwner {
    private final TypeSerializer<K> serializer;
    private final DataInputDeserializer input = new DataInputDeserializer();
    private final KeyGroupRange range;
    private final boolean sameGroups;

    /// @param range the subtask's
    OwnedKeys(TypeInformation<K> type, KeyGroupRange range) {
        this.serializer = type.createSerializer();
        this.range = range;
        this.sameGroups =
                type.schemas().stream().noneMatch(schema -> schema.kind() == TypeSchema.Kind.ENUM);
    }

    @Override
    public boolean ownsAll(StateFileHeader file) {
        return sameGroups
                && range.contains(file.firstKeyGroup())
                && range.contains(file.lastKeyGroup());
    }

    /// Whether a file can hold any of the keys.
    @Override
    public boolean ownsSome(StateFileHeader file) {
        return !sameGroups
                || file.firstKeyGroup() <= range.last() && file.lastKeyGroup() >= range.first();
    }

    @Override
    public boolean owns(byte[] bytes, int offset, int length) {
        input.setBuffer(bytes, offset, length);
        return range.contains(
                KeyGroups.keyGroup(serializer.deserialize(input), range.maxParallelism()));
    }
}
