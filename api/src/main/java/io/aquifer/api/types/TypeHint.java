package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/// Carries a generic type to run time: `new TypeHint<List<String>>() {}`, with the braces.
///
/// The type is that of the direct subclass's declaration and holds no type variable.
public abstract class TypeHint<T> {
    private final Type type;

    protected TypeHint() {
        Type parent = getClass().getGenericSuperclass();
        if (!(parent instanceof ParameterizedType bound) || bound.getRawType() != TypeHint.class) {
            throw new UnsupportedTypeException(
                    getClass().getName()
                            + " says no type. Write the type in an anonymous class: new"
                            + " TypeHint<List<String>>() {}");
        }
        type = GenericTypes.canonical(bound.getActualTypeArguments()[0]);
        if (GenericTypes.hasVariable(type)) {
            throw new UnsupportedTypeException(
                    "TypeHint<"
                            + GenericTypes.sourceName(type)
                            + "> holds a type variable, which is not known at run time. Write the"
                            + " actual type, such as new TypeHint<List<String>>() {}, or pass the"
                            + " TypeInformation in from the caller.");
        }
    }

    final Type type() {
        return type;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof TypeHint<?> hint && type.equals(hint.type);
    }

    @Override
    public final int hashCode() {
        return type.hashCode();
    }

    @Override
    public final String toString() {
        return "TypeHint<" + GenericTypes.sourceName(type) + ">";
    }
}
