package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.util.ConcurrentModificationException;
import java.util.Set;
import java.util.function.IntFunction;

/// Writes a set in [CanonicalOrder], since equal sets may iterate in different orders.
///
/// The header is the unsigned var `count << 1 | null`, where the count leaves out a null element
/// and the last bit tells whether there is one; then the elements by their bytes. What is read back
/// iterates in that order.
final class SetSerializer<S extends Set<@Nullable Object>> implements TypeSerializer<S> {
    private final TypeSerializer<Object> element;
    private final IntFunction<S> factory;

    SetSerializer(TypeSerializer<Object> element, IntFunction<S> factory) {
        this.element = element;
        this.factory = factory;
    }

    @Override
    public void serialize(S value, DataOutputSerializer out) {
        int nulls = 0;
        for (Object item : value) {
            nulls += item == null ? 1 : 0;
        }
        int size = value.size() - nulls;
        out.writeUnsignedVarInt(size << 1 | nulls);
        int start = out.length();
        int[] ends = new int[size];
        int index = 0;
        for (Object item : value) {
            if (item != null) {
                if (index == size) {
                    throw new ConcurrentModificationException(
                            "a set of %,d elements grew while it was serialized: another thread changes it"
                                    .formatted(size));
                }
                element.serialize(item, out);
                ends[index++] = out.length();
            }
        }
        if (index < size) {
            throw new ConcurrentModificationException(
                    "a set of %,d elements shrank while it was serialized: another thread changes it"
                            .formatted(size));
        }
        CanonicalOrder.sort(out, start, ends);
    }

    @Override
    public S deserialize(DataInputDeserializer in) {
        int header = in.readUnsignedVarInt();
        int size = in.checkCount(header >>> 1, Byte.SIZE, "a set");
        S value = factory.apply(size);
        for (int i = 0; i < size; i++) {
            value.add(element.deserialize(in));
        }
        if ((header & 1) != 0) {
            value.add(null);
        }
        return value;
    }
}
