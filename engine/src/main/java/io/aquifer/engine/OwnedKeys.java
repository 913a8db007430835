package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSchema;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.engine.checkpoint.StateDirectoryException;
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

    /// Whether a key has the same group in every process.
    boolean hasSameGroups() {
        return sameGroups;
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
    public boolean owns(StateFileHeader file, byte[] bytes, int offset, int length) {
        input.setBuffer(bytes, offset, length);
        K key = serializer.deserialize(input);
        int group = KeyGroups.keyGroup(key, range.maxParallelism());
        if (sameGroups && (group < file.firstKeyGroup() || group > file.lastKeyGroup())) {
            throw new StateDirectoryException(
                    "state of operator \"%s\" cannot be given back: its key %s is in key group %d now and was in one of %d to %d when it was saved, so hashCode() of %s gives other values in another process. Use a String, a number or a record of them as key, or give the class a hashCode() of its fields; what is saved stays."
                            .formatted(
                                    file.operator(),
                                    key,
                                    group,
                                    file.firstKeyGroup(),
                                    file.lastKeyGroup(),
                                    key.getClass().getName()),
                    null);
        }
        return range.contains(group);
    }
}
