package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Writes an array of objects with the bytes that [ListSerializer] writes for a list, nulls
/// included.
record ObjectArraySerializer(Class<?> componentType, ListSerializer<List<@Nullable Object>> list)
        implements TypeSerializer<@Nullable Object[]> {

    static ObjectArraySerializer of(Class<?> componentType, TypeSerializer<Object> element) {
        return new ObjectArraySerializer(
                componentType, new ListSerializer<>(element, ArrayList::new));
    }

    @Override
    public void serialize(@Nullable Object[] value, DataOutputSerializer out) {
        list.serialize(Arrays.asList(value), out);
    }

    @Override
    public @Nullable Object[] deserialize(DataInputDeserializer in) {
        return list.deserialize(in)
                .toArray((@Nullable Object[]) Array.newInstance(componentType, 0));
    }
}
