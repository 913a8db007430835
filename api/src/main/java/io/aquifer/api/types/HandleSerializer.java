package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Serializes a record or POJO through method handles, for classes that no code can be generated
/// for; writes the bytes that [StructCompiler]'s classes write.
///
/// @param getters each from Object to Object
/// @param setters each from two Objects to void; empty for a record
/// @param constructor from Object[], the components of a record, nothing for a POJO, to Object
record HandleSerializer(
        TypeSchema schema,
        StructShape shape,
        List<TypeSerializer<Object>> parts,
        List<MethodHandle> getters,
        List<MethodHandle> setters,
        MethodHandle constructor)
        implements SchemaSerializer<Object> {
    private static final MethodType GETTER = MethodType.methodType(Object.class, Object.class);
    private static final MethodType SETTER =
            MethodType.methodType(void.class, Object.class, Object.class);
    private static final MethodType CONSTRUCTOR =
            MethodType.methodType(Object.class, Object[].class);

    static HandleSerializer of(
            StructShape shape, TypeSchema schema, List<TypeSerializer<Object>> parts, Lookup lookup)
            throws IllegalAccessException {
        List<MethodHandle> getters = new ArrayList<>();
        List<MethodHandle> setters = new ArrayList<>();
        for (StructField field : shape.fields()) {
            getters.add(getter(field.getter(), lookup).asType(GETTER));
            Member setter = field.setter();
            if (setter != null) {
                setters.add(setter(setter, lookup).asType(SETTER));
            }
        }
        int parameters = shape.isRecord() ? shape.fields().size() : 0;
        MethodHandle constructor =
                lookup.unreflectConstructor(shape.constructor())
                        .asSpreader(Object[].class, parameters)
                        .asType(CONSTRUCTOR);
        return new HandleSerializer(
                schema,
                shape,
                List.copyOf(parts),
                List.copyOf(getters),
                List.copyOf(setters),
                constructor);
    }

    private static MethodHandle getter(Member member, Lookup lookup) throws IllegalAccessException {
        return member instanceof Field field
                ? lookup.unreflectGetter(field)
                : lookup.unreflect((Method) member);
    }

    private static MethodHandle setter(Member member, Lookup lookup) throws IllegalAccessException {
        return member instanceof Field field
                ? lookup.unreflectSetter(field)
                : lookup.unreflect((Method) member);
    }

    @Override
    public void serialize(Object value, DataOutputSerializer out) {
        Objects.requireNonNull(value, shape.nullMessage());
        if (value.getClass() != shape.raw()) {
            throw new IllegalArgumentException(
                    shape.subclassMessage() + value.getClass().getName());
        }
        int bitmap = out.length();
        int bitmapBytes = shape.fields().isEmpty() ? 1 : shape.bitmapBytes();
        for (int i = 0; i < bitmapBytes; i++) {
            out.writeByte(0);
        }
        int reference = 0;
        for (int i = 0; i < parts.size(); i++) {
            Object part = get(getters.get(i), value);
            if (shape.fields().get(i).isReference()) {
                if (part != null) {
                    ListSerializer.setBit(out, bitmap, reference);
                }
                reference++;
            }
            if (part != null) {
                parts.get(i).serialize(part, out);
            }
        }
    }

    @Override
    public Object deserialize(DataInputDeserializer in) {
        if (shape.fields().isEmpty()) {
            in.readByte();
            return create(new Object[0]);
        }
        byte[] bitmap = ListSerializer.readBitmap(in, shape.referenceCount());
        @Nullable Object[] values = new @Nullable Object[parts.size()];
        int reference = 0;
        for (int i = 0; i < values.length; i++) {
            boolean there = true;
            if (shape.fields().get(i).isReference()) {
                there = (bitmap[reference >> 3] & 1 << (reference & 7)) != 0;
                reference++;
            }
            values[i] = there ? parts.get(i).deserialize(in) : null;
        }
        if (shape.isRecord()) {
            return create(values);
        }
        Object value = create(new Object[0]);
        for (int i = 0; i < values.length; i++) {
            set(setters.get(i), value, values[i]);
        }
        return value;
    }

    @Override
    public int fixedLength() {
        return shape.fixedLength();
    }

    private static @Nullable Object get(MethodHandle getter, Object value) {
        try {
            return (@Nullable Object) getter.invokeExact(value);
        } catch (Throwable thrown) {
            throw passOn(thrown);
        }
    }

    private static void set(MethodHandle setter, Object value, @Nullable Object part) {
        try {
            setter.invokeExact(value, part);
        } catch (Throwable thrown) {
            throw passOn(thrown);
        }
    }

    private Object create(@Nullable Object[] arguments) {
        try {
            return (Object) constructor.invokeExact(arguments);
        } catch (Throwable thrown) {
            throw passOn(thrown);
        }
    }

    /// What user code throws goes through as it is, as from generated code.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X passOn(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
