package io.aquifer.api.types;

import java.util.List;

/// Writes the number of the value's class among the permitted ones, as an unsigned var, then the
/// value.
///
/// The classes are the leaves below the sealed type, in the order of their names.
record SealedSerializer(
        Class<?>[] leaves, List<TypeSerializer<Object>> serializers, TypeSchema schema)
        implements SchemaSerializer<Object> {
    @Override
    public void serialize(Object value, DataOutputSerializer out) {
        Class<?> type =
                value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
        for (int tag = 0; tag < leaves.length; tag++) {
            if (leaves[tag] == type) {
                out.writeUnsignedVarInt(tag);
                serializers.get(tag).serialize(value, out);
                return;
            }
        }
        throw new IllegalArgumentException(
                "cannot serialize as "
                        + schema.name()
                        + ": a value of "
                        + type.getName()
                        + " is of no permitted class");
    }

    @Override
    public Object deserialize(DataInputDeserializer in) {
        int tag = in.readUnsignedVarInt();
        if (tag < 0 || tag >= leaves.length) {
            throw in.corrupt(
                    "found subtype number %d of %s, which has %d"
                            .formatted(Integer.toUnsignedLong(tag), schema.name(), leaves.length));
        }
        return serializers.get(tag).deserialize(in);
    }
}
