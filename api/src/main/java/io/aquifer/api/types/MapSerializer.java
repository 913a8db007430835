package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.util.ConcurrentModificationException;
import java.util.Map;
import java.util.function.IntFunction;

/// Writes a map's entries in [CanonicalOrder], since equal maps may iterate in different orders.
///
/// The header is the unsigned var `size << 1 | nulls`, where the last bit tells whether a key or a
/// value is null; then every entry begins with a byte, bit 0 for the key and bit 1 for the value,
/// set when it is there. What is read back iterates in the order of the bytes.
final class MapSerializer<M extends Map<@Nullable Object, @Nullable Object>>
        implements TypeSerializer<M> {
    private static final int KEY = 1;
    private static final int VALUE = 2;

    private final TypeSerializer<Object> key;
    private final TypeSerializer<Object> value;
    private final IntFunction<M> factory;

    MapSerializer(
            TypeSerializer<Object> key, TypeSerializer<Object> value, IntFunction<M> factory) {
        this.key = key;
        this.value = value;
        this.factory = factory;
    }

    @Override
    public void serialize(M map, DataOutputSerializer out) {
        boolean nulls = hasNull(map);
        int size = map.size();
        out.writeUnsignedVarInt(size << 1 | (nulls ? 1 : 0));
        int start = out.length();
        int[] ends = new int[size];
        int index = 0;
        for (Map.Entry<@Nullable Object, @Nullable Object> entry : map.entrySet()) {
            if (index == size) {
                throw changed(size);
            }
            writeEntry(entry.getKey(), entry.getValue(), nulls, out);
            ends[index++] = out.length();
        }
        if (index < size) {
            throw changed(size);
        }
        CanonicalOrder.sort(out, start, ends);
    }

    private void writeEntry(
            @Nullable Object k, @Nullable Object v, boolean nulls, DataOutputSerializer out) {
        if (nulls) {
            out.writeByte((k == null ? 0 : KEY) | (v == null ? 0 : VALUE));
        }
        if (k != null) {
            key.serialize(k, out);
        }
        if (v != null) {
            value.serialize(v, out);
        }
    }

    @Override
    public M deserialize(DataInputDeserializer in) {
        int header = in.readUnsignedVarInt();
        boolean nulls = (header & 1) != 0;
        int size = in.checkCount(header >>> 1, Byte.SIZE, "a map");
        M map = factory.apply(size);
        for (int i = 0; i < size; i++) {
            int there = nulls ? in.readByte() : KEY | VALUE;
            Object k = (there & KEY) != 0 ? key.deserialize(in) : null;
            Object v = (there & VALUE) != 0 ? value.deserialize(in) : null;
            map.put(k, v);
        }
        return map;
    }

    private static boolean hasNull(Map<@Nullable Object, @Nullable Object> map) {
        for (Map.Entry<@Nullable Object, @Nullable Object> entry : map.entrySet()) {
            if (entry.getKey() == null || entry.getValue() == null) {
                return true;
            }
        }
        return false;
    }

    private static ConcurrentModificationException changed(int size) {
        return new ConcurrentModificationException(
                "a map of %,d entries changed its size while it was serialized: another thread changes it"
                        .formatted(size));
    }
}
