package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.io.Serializable;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;

/// A type known at run time, with its type arguments, and the way to its serializer.
///
/// Two of them are equal when their types are. **Threads**: any. Nothing waits; the first
/// [#createSerializer] of a record or POJO generates a class, which takes milliseconds, later ones
/// return the same serializer.
///
/// What has a serializer: primitives and their boxes, String, enums, BigInteger, BigDecimal, UUID,
/// `java.time`, arrays, Optional, List, Set, Map and Collection with their arguments, records,
/// sealed types of these, and POJOs (a public constructor without arguments; every field public or
/// with getter and setter). Fields and elements may be null. A type may contain itself; how deep
/// its values nest is bounded by the thread's stack.
///
/// Read back are an ArrayList, a LinkedHashSet or a LinkedHashMap. Sets and maps are written, and
/// so read back, in the order of their elements' bytes, not in their own: equal sets iterate in
/// different orders, and their bytes must not differ. Where the order matters, a list says it.
public final class TypeInformation<T> implements Serializable {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // a Class or a BoundType, which are serializable
    private final Type type;

    @SuppressWarnings("serial") // made again after deserialization
    private transient volatile @Nullable SerializerGraph graph;

    private TypeInformation(Type type) {
        this.type = type;
    }

    /// The type of a class without type parameters; a primitive class stands for its box.
    public static <T> TypeInformation<T> of(Class<T> type) {
        return new TypeInformation<>(type.isPrimitive() ? GenericTypes.boxed(type) : type);
    }

    /// Any type, written as `TypeInformation.of(new TypeHint<List<String>>() {})`.
    public static <T> TypeInformation<T> of(TypeHint<T> hint) {
        return new TypeInformation<>(hint.type());
    }

    /// A type found by reflection; a primitive class stands for its box.
    public static TypeInformation<?> ofType(Type type) {
        return type instanceof Class<?> plain
                ? of(plain)
                : new TypeInformation<>(GenericTypes.canonical(type));
    }

    static <T> TypeInformation<T> bound(Class<?> raw, TypeInformation<?>... arguments) {
        List<Type> types = Arrays.stream(arguments).<Type>map(a -> a.type).toList();
        return new TypeInformation<>(new BoundType(raw, types));
    }

    /// The serializer of this type. It keeps no state, so one may serve every thread.
    ///
    /// @throws UnsupportedTypeException if the type, or a part of it, has none; the message names
    ///   the part
    @SuppressWarnings("unchecked")
    public TypeSerializer<T> createSerializer() {
        return (TypeSerializer<T>) graph().root();
    }

    /// The schemas of the records, POJOs, sealed types and enums this type is made of, in the order
    /// of their first use.
    ///
    /// @throws UnsupportedTypeException as [#createSerializer]
    public List<TypeSchema> schemas() {
        return graph().schemas();
    }

    private SerializerGraph graph() {
        SerializerGraph known = graph;
        if (known == null) {
            known = SerializerGraph.of(type);
            graph = known;
        }
        return known;
    }

    public Type type() {
        return type;
    }

    /// The class of the values, without type arguments; for a type variable or wildcard that of its
    /// bound.
    @SuppressWarnings("unchecked")
    public Class<T> rawClass() {
        return (Class<T>) GenericTypes.rawClass(type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TypeInformation<?> that && type.equals(that.type);
    }

    @Override
    public int hashCode() {
        return type.hashCode();
    }

    /// As Java source with imports: `Map<String, List<Flight>>`.
    @Override
    public String toString() {
        return GenericTypes.sourceName(type);
    }
}
