package io.aquifer.api.types;

import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Finds the classes that the values of a sealed type can have.
final class SealedLeaves {
    private SealedLeaves() {}

    /// The leaves in the order of their class names, generic ones with the arguments that follow
    /// from `type`'s.
    ///
    /// @throws UnsupportedTypeException if a subclass is open, so that any class may extend it
    static List<Type> of(Type type, String place) {
        Map<String, Type> leaves = new TreeMap<>();
        collect(type, place, leaves);
        return List.copyOf(leaves.values());
    }

    private static void collect(Type type, String place, Map<String, Type> leaves) {
        Class<?> raw = GenericTypes.rawClass(type);
        for (Class<?> permitted : raw.getPermittedSubclasses()) {
            Type subtype = bind(permitted, type);
            if (permitted.isEnum() || Modifier.isFinal(permitted.getModifiers())) {
                leaves.put(permitted.getName(), subtype);
            } else if (permitted.isSealed() && Modifier.isAbstract(permitted.getModifiers())) {
                collect(subtype, place, leaves);
            } else {
                throw UnsupportedTypeException.at(
                        place,
                        GenericTypes.fullName(type),
                        "Its permitted subclass "
                                + permitted.getName()
                                + " may have subclasses of its own.",
                        "Make that a record, or final, or a sealed interface.");
            }
        }
    }

    /// `Ok<T> implements Result<T>` seen from `Result<String>` is `Ok<String>`.
    private static Type bind(Class<?> permitted, Type type) {
        TypeVariable<?>[] variables = permitted.getTypeParameters();
        if (variables.length == 0) {
            return permitted;
        }
        Type self = new BoundType(permitted, List.of(variables));
        Type seen = GenericTypes.supertype(self, GenericTypes.rawClass(type));
        Map<TypeVariable<?>, Type> bindings = new HashMap<>();
        if (seen instanceof ParameterizedType declared
                && type instanceof ParameterizedType actual) {
            for (int i = 0; i < declared.getActualTypeArguments().length; i++) {
                if (declared.getActualTypeArguments()[i] instanceof TypeVariable<?> variable) {
                    bindings.put(variable, actual.getActualTypeArguments()[i]);
                }
            }
        }
        List<Type> arguments = new ArrayList<>();
        for (TypeVariable<?> variable : variables) {
            arguments.add(bindings.getOrDefault(variable, variable));
        }
        return new BoundType(permitted, arguments);
    }
}
