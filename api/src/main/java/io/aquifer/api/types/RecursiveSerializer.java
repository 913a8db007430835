package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

/// Stands for a serializer that is still being built, in a type that contains itself.
final class RecursiveSerializer implements TypeSerializer<Object> {
    private @Nullable TypeSerializer<Object> target;

    /// Called once, before the graph of serializers is published.
    void resolve(TypeSerializer<Object> built) {
        target = built;
    }

    @Override
    public void serialize(Object value, DataOutputSerializer out) {
        target().serialize(value, out);
    }

    @Override
    public Object deserialize(DataInputDeserializer in) {
        return target().deserialize(in);
    }

    private TypeSerializer<Object> target() {
        TypeSerializer<Object> built = target;
        if (built == null) {
            throw new IllegalStateException("a serializer of a recursive type was used before it was complete");
        }
        return built;
    }
}
