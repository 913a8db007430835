package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.function.IntFunction;

/// Writes a collection in the order it iterates in, nulls included.
///
/// ```
/// +--------------------------+----------------------------------+---------------------------+
/// | unsigned var             | only when nulls: ceil(size / 8)  | the elements that are     |
/// | size << 1 | nulls        | bytes, bit i set: i is there     | there, one after another  |
/// +--------------------------+----------------------------------+---------------------------+
/// ```
final class ListSerializer<C extends Collection<@Nullable Object>> implements TypeSerializer<C> {
    private final TypeSerializer<Object> element;
    private final IntFunction<C> factory;

    /// @param factory makes an empty collection that is to take the given number of elements
    ListSerializer(TypeSerializer<Object> element, IntFunction<C> factory) {
        this.element = element;
        this.factory = factory;
    }

    static ListSerializer<ArrayList<@Nullable Object>> arrayList(TypeSerializer<Object> element) {
        return new ListSerializer<>(element, ArrayList::new);
    }

    @Override
    public void serialize(C value, DataOutputSerializer out) {
        int size = value.size();
        boolean nulls = hasNull(value);
        out.writeUnsignedVarInt(size << 1 | (nulls ? 1 : 0));
        int bitmap = out.length();
        if (nulls) {
            writeEmptyBitmap(out, size);
        }
        int index = 0;
        for (Object item : value) {
            if (item != null) {
                if (nulls && index < size) {
                    setBit(out, bitmap, index);
                }
                element.serialize(item, out);
            }
            index++;
        }
        if (index != size) {
            throw new ConcurrentModificationException(
                    "a collection of %,d elements iterated over %,d while it was serialized: another thread changes it"
                            .formatted(size, index));
        }
    }

    @Override
    public C deserialize(DataInputDeserializer in) {
        int header = in.readUnsignedVarInt();
        boolean nulls = (header & 1) != 0;
        int size = in.checkCount(header >>> 1, nulls ? 1 : Byte.SIZE, "a collection");
        byte[] bitmap = nulls ? readBitmap(in, size) : null;
        C value = factory.apply(size);
        for (int i = 0; i < size; i++) {
            boolean there = bitmap == null || (bitmap[i >> 3] & 1 << (i & 7)) != 0;
            value.add(there ? element.deserialize(in) : null);
        }
        return value;
    }

    static void writeEmptyBitmap(DataOutputSerializer out, int size) {
        for (int i = 0; i < size; i += Byte.SIZE) {
            out.writeByte(0);
        }
    }

    static void setBit(DataOutputSerializer out, int bitmap, int index) {
        out.buffer()[bitmap + (index >> 3)] |= (byte) (1 << (index & 7));
    }

    static byte[] readBitmap(DataInputDeserializer in, int size) {
        byte[] bitmap = new byte[(size + 7) >>> 3];
        in.readFully(bitmap, 0, bitmap.length);
        return bitmap;
    }

    private static boolean hasNull(Collection<@Nullable Object> value) {
        for (Object item : value) {
            if (item == null) {
                return true;
            }
        }
        return false;
    }
}
