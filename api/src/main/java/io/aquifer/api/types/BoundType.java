package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.io.Serializable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A generic class with its type arguments, comparable and serializable, unlike the JDK's own.
///
/// **Invariant**: the arguments are canonical ([GenericTypes#canonical]), and there are as many as
/// the class declares.
// The arguments are classes or again bound types, which are serializable, except inside a
// TypeHint<List<?>>, which no
// serializer exists for.
record BoundType(Class<?> raw, ArrayList<Type> arguments)
        implements ParameterizedType, Serializable {
    BoundType(Class<?> raw, List<Type> arguments) {
        this(raw, new ArrayList<>(arguments));
    }

    @Override
    public Type[] getActualTypeArguments() {
        return arguments.toArray(Type[]::new);
    }

    @Override
    public Type getRawType() {
        return raw;
    }

    @Override
    public @Nullable Type getOwnerType() {
        return raw.getDeclaringClass();
    }

    @Override
    public String getTypeName() {
        return GenericTypes.fullName(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ParameterizedType that
                && raw.equals(that.getRawType())
                && Arrays.equals(getActualTypeArguments(), that.getActualTypeArguments());
    }

    @Override
    public int hashCode() {
        return 31 * raw.hashCode() + arguments.hashCode();
    }

    @Override
    public String toString() {
        return getTypeName();
    }

    /// An array whose elements are generic, such as `List<String>[]`.
    record Array(Type component) implements GenericArrayType, Serializable {
        @Override
        public Type getGenericComponentType() {
            return component;
        }

        @Override
        public String getTypeName() {
            return GenericTypes.fullName(this);
        }

        @Override
        public String toString() {
            return getTypeName();
        }
    }
}
