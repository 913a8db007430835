package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What a record or POJO is made of, in the order of its bytes.
///
/// ```
/// +--------------------------------------+----------------------------------------------+
/// | ceil(references / 8) bytes,          | primitives, and the references that are not  |
/// | bit i set: reference i is not null   | null, in order                               |
/// +--------------------------------------+----------------------------------------------+
/// ```
///
/// The order is a record's own, and that of the names for a POJO. A struct without fields is one
/// zero byte, so that every value takes at least a byte and a damaged count is always noticed.
///
/// @param type the class, generic classes with their arguments
/// @param constructor the canonical one of a record, the one without parameters of a POJO
record StructShape(
        Class<?> raw,
        Type type,
        boolean isRecord,
        Constructor<?> constructor,
        List<StructField> fields) {
    static StructShape ofRecord(Type type) {
        Class<?> raw = GenericTypes.rawClass(type);
        Map<TypeVariable<?>, Type> bindings = GenericTypes.bindings(type);
        List<StructField> fields = new ArrayList<>();
        List<Class<?>> parameters = new ArrayList<>();
        for (RecordComponent component : raw.getRecordComponents()) {
            Type bound = GenericTypes.substitute(component.getGenericType(), bindings);
            fields.add(
                    new StructField(
                            component.getName(),
                            component.getType(),
                            bound,
                            component.getAccessor(),
                            null));
            parameters.add(component.getType());
        }
        try {
            Constructor<?> canonical =
                    raw.getDeclaredConstructor(parameters.toArray(Class<?>[]::new));
            return new StructShape(raw, type, true, canonical, List.copyOf(fields));
        } catch (NoSuchMethodException impossible) {
            throw new AssertionError(
                    raw.getName() + " is a record without a canonical constructor", impossible);
        }
    }

    /// @param place the way from the root type, for messages
    /// @throws UnsupportedTypeException if the class breaks a rule for POJOs; the message says
    ///   which
    static StructShape ofPojo(Type type, String place) {
        Class<?> raw = GenericTypes.rawClass(type);
        List<StructField> fields = new ArrayList<>();
        Type owner = type;
        while (owner != null && GenericTypes.rawClass(owner) != Object.class) {
            Class<?> ownerClass = GenericTypes.rawClass(owner);
            Map<TypeVariable<?>, Type> bindings = GenericTypes.bindings(owner);
            for (Field field : ownerClass.getDeclaredFields()) {
                if ((field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0
                        && !field.isSynthetic()) {
                    Type bound = GenericTypes.substitute(field.getGenericType(), bindings);
                    fields.add(pojoField(raw, type, field, bound, place));
                }
            }
            Type parent = ownerClass.getGenericSuperclass();
            owner = parent == null ? null : GenericTypes.substitute(parent, bindings);
        }
        fields.sort(Comparator.comparing(StructField::name));
        for (int i = 1; i < fields.size(); i++) {
            if (fields.get(i).name().equals(fields.get(i - 1).name())) {
                throw notPojo(
                        type,
                        place,
                        "It and a class above it both have a field '"
                                + fields.get(i).name()
                                + "'.");
            }
        }
        if (fields.isEmpty()) {
            throw notPojo(type, place, "It has no fields, so its values cannot be told apart.");
        }
        return new StructShape(
                raw, type, false, pojoConstructor(raw, type, place), List.copyOf(fields));
    }

    private static Constructor<?> pojoConstructor(Class<?> raw, Type type, String place) {
        if (Modifier.isAbstract(raw.getModifiers())) {
            throw notPojo(
                    type,
                    place,
                    "It is abstract and not sealed, so the classes of its values are not known.");
        }
        if (raw.isMemberClass() && !Modifier.isStatic(raw.getModifiers())) {
            throw notPojo(
                    type, place, "It is an inner class, whose values need one of the outer class.");
        }
        try {
            return raw.getConstructor();
        } catch (NoSuchMethodException none) {
            throw notPojo(type, place, "It has no public constructor without parameters.");
        }
    }

    private static StructField pojoField(
            Class<?> raw, Type type, Field field, Type bound, String place) {
        String name = field.getName();
        boolean open = Modifier.isPublic(field.getModifiers());
        boolean isFinal = Modifier.isFinal(field.getModifiers());
        Method getter = getter(raw, field);
        Method setter = setter(raw, field);
        if (open && !isFinal) {
            return new StructField(name, field.getType(), bound, field, field);
        }
        if (getter == null || setter == null || isFinal) {
            String capital = capitalized(name);
            throw notPojo(
                    type,
                    place,
                    isFinal
                            ? "Its field '" + name + "' is final."
                            : "Its field '%s' is not public and has no public %s."
                                    .formatted(
                                            name,
                                            getter != null
                                                    ? "setter set" + capital
                                                    : setter != null
                                                            ? "getter get" + capital
                                                            : "getter get"
                                                                    + capital
                                                                    + " and setter set"
                                                                    + capital));
        }
        return new StructField(name, field.getType(), bound, getter, setter);
    }

    private static @Nullable Method getter(Class<?> raw, Field field) {
        String capital = capitalized(field.getName());
        boolean flag = field.getType() == boolean.class || field.getType() == Boolean.class;
        return Arrays.stream(raw.getMethods())
                .filter(m -> m.getParameterCount() == 0 && m.getReturnType() == field.getType())
                .filter(m -> !Modifier.isStatic(m.getModifiers()))
                .filter(
                        m ->
                                m.getName().equals("get" + capital)
                                        || flag
                                                && (m.getName().equals("is" + capital)
                                                        || m.getName().equals(field.getName())))
                .min(Comparator.comparing(Method::getName))
                .orElse(null);
    }

    private static @Nullable Method setter(Class<?> raw, Field field) {
        String wanted = "set" + capitalized(field.getName());
        return Arrays.stream(raw.getMethods())
                .filter(m -> m.getName().equals(wanted) && m.getParameterCount() == 1)
                .filter(m -> m.getParameterTypes()[0] == field.getType())
                .filter(m -> !Modifier.isStatic(m.getModifiers()) && !m.isBridge())
                .findFirst()
                .orElse(null);
    }

    private static String capitalized(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static UnsupportedTypeException notPojo(Type type, String place, String reason) {
        return UnsupportedTypeException.at(
                place,
                GenericTypes.fullName(type),
                reason,
                "Make it a record, or a POJO: a public constructor without parameters, and every"
                        + " field public or with getter and setter.");
    }

    TypeSchema schema() {
        return new TypeSchema(
                GenericTypes.fullName(type),
                isRecord ? TypeSchema.Kind.RECORD : TypeSchema.Kind.POJO,
                fields.stream()
                        .map(f -> new TypeSchema.Field(f.name(), GenericTypes.fullName(f.type())))
                        .toList());
    }

    int referenceCount() {
        return (int) fields.stream().filter(StructField::isReference).count();
    }

    int bitmapBytes() {
        return (referenceCount() + 7) / 8;
    }

    /// The bytes each value takes when all fields are primitive, else -1.
    int fixedLength() {
        if (fields.isEmpty()) {
            return 1;
        }
        int sum = 0;
        for (StructField field : fields) {
            ScalarSerializer<?> scalar =
                    field.isReference() ? null : ScalarSerializer.find(field.rawType());
            if (scalar == null) {
                return -1;
            }
            sum += scalar.fixedLength();
        }
        return sum;
    }

    String nullMessage() {
        return "cannot serialize null as "
                + GenericTypes.fullName(type)
                + ": only fields and elements may be null, a record itself may not";
    }

    /// What is said of a POJO's subclass, whose name follows.
    String subclassMessage() {
        return "cannot serialize as "
                + GenericTypes.fullName(type)
                + " what is of a subclass, since the subclass's fields would be lost: ";
    }
}
