package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Member;
import java.lang.reflect.Type;

/// A component of a record or a field of a POJO.
///
/// @param rawType its class as declared, type variables erased: what the accessor's descriptor says
/// @param type its type with the struct's arguments put in
/// @param getter a method without parameters, or a public field
/// @param setter a method with one parameter, or a public field; null for a record's component
record StructField(
        String name, Class<?> rawType, Type type, Member getter, @Nullable Member setter) {
    boolean isReference() {
        return !rawType.isPrimitive();
    }
}
