package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.RecordOrder;

import java.util.Comparator;

/// The order of serialized elements by a function's comparator.
final class SerializedOrder<T> implements RecordOrder<T> {
    private final TypeSerializer<T> serializer;
    private final Comparator<? super T> comparator;
    private final DataInputDeserializer input = new DataInputDeserializer();

    SerializedOrder(TypeSerializer<T> serializer, Comparator<? super T> comparator) {
        this.serializer = serializer;
        this.comparator = comparator;
    }

    @Override
    public T decode(byte[] bytes, int offset, int length) {
        input.setBuffer(bytes, offset, length);
        return serializer.deserialize(input);
    }

    @Override
    public int compare(T a, T b) {
        return comparator.compare(a, b);
    }
}
