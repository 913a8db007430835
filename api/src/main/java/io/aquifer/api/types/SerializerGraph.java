package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/// A type's serializer with those of its parts, built once and immutable from then on.
///
/// The graph of a plain class is kept by the class itself, so it goes when the class's loader goes;
/// that of a generic type is kept by its [TypeInformation] only, since its arguments may belong to
/// another loader than the class.
final class SerializerGraph {
    private static final int DEPTH_MAX = 100;

    private static final String REMEDY =
            "Make it a record or a sealed interface of records; if it is a function's output, say"
                    + " the type with .returns(new TypeHint<...>() {}).";

    private static final ClassValue<AtomicReference<@Nullable SerializerGraph>> BY_CLASS =
            new ClassValue<>() {
                @Override
                protected AtomicReference<@Nullable SerializerGraph> computeValue(Class<?> type) {
                    return new AtomicReference<>();
                }
            };

    private final TypeSerializer<Object> root;
    private final List<TypeSchema> schemas;

    private SerializerGraph(TypeSerializer<Object> root, List<TypeSchema> schemas) {
        this.root = root;
        this.schemas = schemas;
    }

    static SerializerGraph of(Type type) {
        if (!(type instanceof Class<?> plain)) {
            return build(type);
        }
        AtomicReference<@Nullable SerializerGraph> slot = BY_CLASS.get(plain);
        SerializerGraph known = slot.get();
        if (known != null) {
            return known;
        }
        SerializerGraph built = build(type);
        slot.compareAndSet(null, built);
        SerializerGraph kept = slot.get();
        return kept == null ? built : kept;
    }

    private static SerializerGraph build(Type type) {
        Builder builder = new Builder();
        TypeSerializer<Object> root = builder.serializer(type, "");
        return new SerializerGraph(root, builder.schemas());
    }

    TypeSerializer<Object> root() {
        return root;
    }

    List<TypeSchema> schemas() {
        return schemas;
    }

    private static final class Builder {
        private final Map<Type, TypeSerializer<Object>> complete = new HashMap<>();
        private final Map<Type, RecursiveSerializer> underWay = new HashMap<>();
        private final Map<Type, TypeSchema> schemas = new LinkedHashMap<>();

        List<TypeSchema> schemas() {
            return List.copyOf(schemas.values());
        }

        @SuppressWarnings(
                "unchecked") // the serializer of a type takes the type's values, which are objects
        private static TypeSerializer<Object> any(TypeSerializer<?> serializer) {
            return (TypeSerializer<Object>) serializer;
        }

        /// @param place the way from the root, such as `Flight.legs[]`; empty for the root
        TypeSerializer<Object> serializer(Type type, String place) {
            TypeSerializer<Object> known = complete.get(type);
            if (known == null) {
                known = underWay.get(type);
            }
            if (known != null) {
                return known;
            }
            if (underWay.size() > DEPTH_MAX) {
                throw unsupported(
                        place,
                        type,
                        "Its type arguments grow with every level, so there is no end of types.");
            }
            TypeSerializer<Object> built =
                    any(
                            switch (type) {
                                case Class<?> plain -> ofClass(plain, place);
                                case ParameterizedType bound -> ofBound(bound, place);
                                case GenericArrayType array ->
                                        ofArray(array.getGenericComponentType(), place);
                                case WildcardType _ ->
                                        throw unsupported(
                                                place,
                                                type,
                                                "It is a wildcard: write the type it stands for.");
                                case TypeVariable<?> _ ->
                                        throw unsupported(
                                                place,
                                                type,
                                                "It is a type variable without a value at this"
                                                        + " place.");
                                default ->
                                        throw unsupported(
                                                place, type, "It is no kind of type Java has.");
                            });
            complete.put(type, built);
            return built;
        }

        private TypeSerializer<?> ofClass(Class<?> type, String place) {
            ScalarSerializer<?> scalar = ScalarSerializer.find(type);
            if (scalar != null) {
                return scalar;
            }
            if (type.isEnum()) {
                EnumSerializer constants = EnumSerializer.of(type);
                schemas.put(type, constants.schema());
                return constants;
            }
            if (type.isArray()) {
                return ofArray(type.getComponentType(), place);
            }
            if (type.getTypeParameters().length > 0) {
                throw unsupported(
                        place,
                        type,
                        "It is raw: give its type %s, as in %s<String%s>."
                                .formatted(
                                        type.getTypeParameters().length == 1
                                                ? "argument"
                                                : "arguments",
                                        type.getSimpleName(),
                                        ", String".repeat(type.getTypeParameters().length - 1)));
            }
            return ofStructured(type, place);
        }

        private TypeSerializer<?> ofArray(Type component, String place) {
            return ObjectArraySerializer.of(
                    GenericTypes.rawClass(component), serializer(component, place + "[]"));
        }

        private TypeSerializer<?> ofBound(ParameterizedType type, String place) {
            Class<?> raw = (Class<?>) type.getRawType();
            Type[] arguments = type.getActualTypeArguments();
            if (raw == List.class || raw == Collection.class || raw == ArrayList.class) {
                return ListSerializer.arrayList(serializer(arguments[0], place + "[]"));
            }
            if (raw == Set.class || raw == LinkedHashSet.class) {
                return new SetSerializer<>(
                        serializer(arguments[0], place + "[]"), LinkedHashSet::newLinkedHashSet);
            }
            if (raw == HashSet.class) {
                return new SetSerializer<>(
                        serializer(arguments[0], place + "[]"), HashSet::newHashSet);
            }
            if (raw == Map.class || raw == LinkedHashMap.class || raw == HashMap.class) {
                TypeSerializer<Object> key = serializer(arguments[0], place + "{key}");
                TypeSerializer<Object> value = serializer(arguments[1], place + "{value}");
                return raw == HashMap.class
                        ? new MapSerializer<>(key, value, HashMap::newHashMap)
                        : new MapSerializer<>(key, value, LinkedHashMap::newLinkedHashMap);
            }
            if (raw == Optional.class) {
                return new OptionalSerializer(serializer(arguments[0], place + "{value}"));
            }
            if (raw == TtlValue.class) {
                return new TtlSerializer(serializer(arguments[0], place));
            }
            return ofStructured(type, place);
        }

        private TypeSerializer<?> ofStructured(Type type, String place) {
            Class<?> raw = GenericTypes.rawClass(type);
            if (raw.isRecord()) {
                return recursively(type, () -> ofStruct(StructShape.ofRecord(type), place));
            }
            if (raw.isSealed()) {
                return recursively(type, () -> ofSealed(type, raw, place));
            }
            if (raw.isInterface()) {
                throw unsupported(
                        place,
                        type,
                        "It is an interface that is not sealed: its values may be of any class.");
            }
            if (raw.getClassLoader() == null
                    || raw.getClassLoader() == ClassLoader.getPlatformClassLoader()) {
                throw unsupported(
                        place,
                        type,
                        "It is a class of the JDK that is not among the supported ones.");
            }
            return recursively(type, () -> ofStruct(StructShape.ofPojo(type, place), place));
        }

        private TypeSerializer<?> recursively(Type type, Supplier<TypeSerializer<?>> building) {
            RecursiveSerializer standIn = new RecursiveSerializer(GenericTypes.fullName(type));
            underWay.put(type, standIn);
            try {
                TypeSerializer<?> built = building.get();
                standIn.resolve(any(built));
                return built;
            } finally {
                underWay.remove(type);
            }
        }

        private TypeSerializer<?> ofStruct(StructShape shape, String place) {
            TypeSchema schema = shape.schema();
            schemas.put(shape.type(), schema);
            String here = place.isEmpty() ? shape.raw().getSimpleName() : place;
            List<TypeSerializer<Object>> parts = new ArrayList<>();
            for (StructField field : shape.fields()) {
                parts.add(serializer(field.type(), here + "." + field.name()));
            }
            return StructAccess.serializer(shape, schema, parts, place);
        }

        private TypeSerializer<?> ofSealed(Type type, Class<?> raw, String place) {
            if (!Modifier.isAbstract(raw.getModifiers())) {
                throw unsupported(
                        place,
                        type,
                        "It is sealed but not abstract: make it an interface or abstract.");
            }
            List<Type> leaves = SealedLeaves.of(type, place);
            List<TypeSchema.Field> names =
                    leaves.stream()
                            .map(
                                    l ->
                                            new TypeSchema.Field(
                                                    GenericTypes.rawClass(l).getName(),
                                                    GenericTypes.fullName(l)))
                            .toList();
            TypeSchema schema =
                    new TypeSchema(GenericTypes.fullName(type), TypeSchema.Kind.SEALED, names);
            schemas.put(type, schema);
            List<TypeSerializer<Object>> parts = new ArrayList<>();
            for (Type leaf : leaves) {
                parts.add(serializer(leaf, place));
            }
            return new SealedSerializer(
                    leaves.stream().map(GenericTypes::rawClass).toArray(Class<?>[]::new),
                    List.copyOf(parts),
                    schema);
        }

        private static UnsupportedTypeException unsupported(
                String place, Type type, String reason) {
            return UnsupportedTypeException.at(place, GenericTypes.fullName(type), reason, REMEDY);
        }
    }
}
