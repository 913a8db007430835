package io.aquifer.api.types;

/// Writes the time, 8 bytes, and then the value.
record TtlSerializer(TypeSerializer<Object> value) implements TypeSerializer<TtlValue<Object>> {
    @Override
    public void serialize(TtlValue<Object> stored, DataOutputSerializer out) {
        out.writeLong(stored.lastAccess());
        value.serialize(stored.value(), out);
    }

    @Override
    public TtlValue<Object> deserialize(DataInputDeserializer in) {
        return new TtlValue<>(in.readLong(), value.deserialize(in));
    }

    @Override
    public int fixedLength() {
        return value.fixedLength() < 0 ? -1 : Long.BYTES + value.fixedLength();
    }
}
