package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What there is to know about `java.lang.reflect.Type`s: substitution, supertypes, names.
///
/// A *canonical* type is a class, a [BoundType], a [BoundType.Array] whose component is no plain
/// class, a type variable or a wildcard.
final class GenericTypes {
    private GenericTypes() {}

    static Type canonical(Type type) {
        return substitute(type, Map.of());
    }

    /// Replaces the variables that have a binding, and makes the type canonical.
    static Type substitute(Type type, Map<TypeVariable<?>, Type> bindings) {
        return switch (type) {
            case ParameterizedType bound -> {
                List<Type> arguments =
                        Arrays.stream(bound.getActualTypeArguments())
                                .map(a -> substitute(a, bindings))
                                .toList();
                yield new BoundType((Class<?>) bound.getRawType(), arguments);
            }
            case GenericArrayType array -> {
                Type component = substitute(array.getGenericComponentType(), bindings);
                yield component instanceof Class<?> plain
                        ? plain.arrayType()
                        : new BoundType.Array(component);
            }
            case TypeVariable<?> variable -> bindings.getOrDefault(variable, variable);
            default -> type;
        };
    }

    /// What the class's type variables stand for in `type`; empty for a plain class.
    static Map<TypeVariable<?>, Type> bindings(Type type) {
        if (!(type instanceof ParameterizedType bound)) {
            return Map.of();
        }
        TypeVariable<?>[] variables = ((Class<?>) bound.getRawType()).getTypeParameters();
        Type[] arguments = bound.getActualTypeArguments();
        Map<TypeVariable<?>, Type> bindings = new HashMap<>();
        for (int i = 0; i < variables.length; i++) {
            bindings.put(variables[i], arguments[i]);
        }
        return bindings;
    }

    /// `target` as `type` extends or implements it, with its arguments as far as they are known;
    /// null when it does not.
    static @Nullable Type supertype(Type type, Class<?> target) {
        Class<?> raw = rawClass(type);
        if (raw == target) {
            return type;
        }
        if (!target.isAssignableFrom(raw)) {
            return null;
        }
        Map<TypeVariable<?>, Type> bindings = bindings(type);
        for (Type parent : raw.getGenericInterfaces()) {
            Type found = supertype(substitute(parent, bindings), target);
            if (found != null) {
                return found;
            }
        }
        Type parent = raw.getGenericSuperclass();
        return parent == null ? null : supertype(substitute(parent, bindings), target);
    }

    /// The class of a type's values; for a variable or a wildcard, that of its first bound.
    static Class<?> rawClass(Type type) {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType bound -> (Class<?>) bound.getRawType();
            case GenericArrayType array -> rawClass(array.getGenericComponentType()).arrayType();
            case TypeVariable<?> variable -> rawClass(variable.getBounds()[0]);
            case WildcardType wildcard -> rawClass(wildcard.getUpperBounds()[0]);
            default ->
                    throw new IllegalArgumentException(
                            "unknown kind of type: " + type.getClass().getName());
        };
    }

    static boolean hasVariable(Type type) {
        return switch (type) {
            case TypeVariable<?> _ -> true;
            case ParameterizedType bound ->
                    Arrays.stream(bound.getActualTypeArguments())
                            .anyMatch(GenericTypes::hasVariable);
            case GenericArrayType array -> hasVariable(array.getGenericComponentType());
            case WildcardType wildcard ->
                    Arrays.stream(wildcard.getUpperBounds()).anyMatch(GenericTypes::hasVariable)
                            || Arrays.stream(wildcard.getLowerBounds())
                                    .anyMatch(GenericTypes::hasVariable);
            default -> false;
        };
    }

    /// True when nothing is left open: no variable, no wildcard, no generic class without its
    /// arguments.
    static boolean isComplete(Type type) {
        return switch (type) {
            case Class<?> plain when plain.isArray() -> isComplete(plain.getComponentType());
            case Class<?> plain -> plain.getTypeParameters().length == 0;
            case ParameterizedType bound ->
                    Arrays.stream(bound.getActualTypeArguments())
                            .allMatch(GenericTypes::isComplete);
            case GenericArrayType array -> isComplete(array.getGenericComponentType());
            default -> false;
        };
    }

    static Class<?> boxed(Class<?> type) {
        return java.lang.invoke.MethodType.methodType(type).wrap().returnType();
    }

    /// As in source with imports: `Map<String, Order.Line>`.
    static String sourceName(Type type) {
        return name(type, GenericTypes::nestedName);
    }

    /// As in source without imports: `java.util.Map<java.lang.String, app.Order$Line>`.
    static String fullName(Type type) {
        return name(type, Class::getName);
    }

    private static String name(Type type, Function<Class<?>, String> className) {
        return switch (type) {
            case Class<?> plain when plain.isArray() ->
                    name(plain.getComponentType(), className) + "[]";
            case Class<?> plain -> className.apply(plain);
            case ParameterizedType bound ->
                    Arrays.stream(bound.getActualTypeArguments())
                            .map(argument -> name(argument, className))
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            className.apply((Class<?>) bound.getRawType()) + "<",
                                            ">"));
            case GenericArrayType array -> name(array.getGenericComponentType(), className) + "[]";
            default -> type.getTypeName();
        };
    }

    private static String nestedName(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        if (outer == null) {
            String simple = type.getSimpleName();
            return simple.isEmpty() ? type.getName() : simple;
        }
        return nestedName(outer) + "." + type.getSimpleName();
    }
}
