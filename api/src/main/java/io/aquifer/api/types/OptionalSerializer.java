package io.aquifer.api.types;

import java.util.Optional;

/// Writes a byte, 1 when there is a value, and then the value.
record OptionalSerializer(TypeSerializer<Object> element)
        implements TypeSerializer<Optional<Object>> {
    @Override
    public void serialize(Optional<Object> value, DataOutputSerializer out) {
        out.writeBoolean(value.isPresent());
        if (value.isPresent()) {
            element.serialize(value.get(), out);
        }
    }

    @Override
    public Optional<Object> deserialize(DataInputDeserializer in) {
        return in.readBoolean() ? Optional.of(element.deserialize(in)) : Optional.empty();
    }
}
