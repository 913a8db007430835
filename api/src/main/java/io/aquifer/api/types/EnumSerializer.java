package io.aquifer.api.types;

import java.util.Arrays;

/// Writes a constant's number, in one byte, or in two when there are more than 256. The schema
/// holds the names, so that a later program can follow constants that moved.
record EnumSerializer(Enum<?>[] constants, TypeSchema schema) implements SchemaSerializer<Enum<?>> {
    private static final int ONE_BYTE = 256;

    static EnumSerializer of(Class<?> type) {
        Enum<?>[] constants = (Enum<?>[]) type.getEnumConstants();
        String name = type.getName();
        return new EnumSerializer(
                constants,
                new TypeSchema(
                        name,
                        TypeSchema.Kind.ENUM,
                        Arrays.stream(constants)
                                .map(c -> new TypeSchema.Field(c.name(), name))
                                .toList()));
    }

    @Override
    public void serialize(Enum<?> value, DataOutputSerializer out) {
        if (constants.length <= ONE_BYTE) {
            out.writeByte(value.ordinal());
        } else {
            out.writeShort(value.ordinal());
        }
    }

    @Override
    public Enum<?> deserialize(DataInputDeserializer in) {
        int number = constants.length <= ONE_BYTE ? in.readByte() & 0xFF : in.readShort() & 0xFFFF;
        if (number >= constants.length) {
            throw in.corrupt(
                    "found constant number %d of %s, which has %d"
                            .formatted(number, schema.name(), constants.length));
        }
        return constants[number];
    }

    @Override
    public int fixedLength() {
        return constants.length <= ONE_BYTE ? Byte.BYTES : Short.BYTES;
    }
}
