package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

/// Stands for a serializer that is still being built, in a type that contains itself.
///
/// Values of such types nest as deep as the data, and so do the calls; where the thread's stack
/// ends, an explained exception takes the place of the StackOverflowError.
final class RecursiveSerializer implements TypeSerializer<Object> {
    private final String typeName;
    private @Nullable TypeSerializer<Object> target;

    RecursiveSerializer(String typeName) {
        this.typeName = typeName;
    }

    /// Called once, before the graph of serializers is published.
    void resolve(TypeSerializer<Object> built) {
        target = built;
    }

    @Override
    public void serialize(Object value, DataOutputSerializer out) {
        try {
            target().serialize(value, out);
        } catch (StackOverflowError tooDeep) {
            throw new IllegalArgumentException(
                    "cannot serialize a value of "
                            + typeName
                            + " that holds others of it deeper than the thread's stack "
                            + "reaches. Keep the parts in a list instead of a chain.",
                    tooDeep);
        }
    }

    @Override
    public Object deserialize(DataInputDeserializer in) {
        try {
            return target().deserialize(in);
        } catch (StackOverflowError tooDeep) {
            throw in.corrupt(
                    "values of "
                            + typeName
                            + " lie in one another deeper than the thread's stack reaches");
        }
    }

    private TypeSerializer<Object> target() {
        TypeSerializer<Object> built = target;
        if (built == null) {
            throw new IllegalStateException(
                    "a serializer of " + typeName + " was used before it was complete");
        }
        return built;
    }
}
