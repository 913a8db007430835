package io.aquifer.connectors.files;

import static java.lang.classfile.ClassFile.ACC_PUBLIC;
import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_MethodHandles_Lookup;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/// A record type seen as a row: its components with their kinds, and ways to make and to take apart
/// an instance.
///
/// @param type the record's class
/// @param components in declaration order
/// @param factory makes instances; generated, so that the JIT inlines the constructor
record RecordShape<R>(Class<R> type, List<Component> components, RecordFactory factory) {

    /// @param boxed whether null stands for a missing number
    record Component(int index, String name, FieldKind kind, Class<?> type, boolean boxed) {}

    /// @throws IllegalArgumentException when the class is no record, has a component of another
    ///   kind, or is closed to us
    static <R extends Record> RecordShape<R> of(Class<R> type) {
        List<Component> components = components(type);
        return new RecordShape<>(type, components, factory(type, components));
    }

    static List<Component> components(Class<?> type) {
        RecordComponent[] declared = type.getRecordComponents();
        if (declared == null || declared.length == 0) {
            throw new IllegalArgumentException(
                    type.getName()
                            + " is not a record with components; files are read into and written"
                            + " from records such as record Flight(String origin, int delay)");
        }
        List<Component> components = new ArrayList<>();
        for (RecordComponent component : declared) {
            Class<?> componentType = component.getType();
            FieldKind kind = FieldKind.of(componentType);
            if (kind == null) {
                throw new IllegalArgumentException(
                        "component '"
                                + component.getName()
                                + "' of record "
                                + type.getSimpleName()
                                + " is a "
                                + componentType.getSimpleName()
                                + ", which a file's column cannot hold; use int, long, double,"
                                + " boolean, String, an enum, LocalDateTime, LocalDate, Instant or"
                                + " BigDecimal");
            }
            components.add(
                    new Component(
                            components.size(),
                            component.getName(),
                            kind,
                            componentType,
                            FieldKind.isBoxed(componentType)));
        }
        return List.copyOf(components);
    }

    /// Readers of the components, each of type `(Object)Object`.
    static List<MethodHandle> getters(Class<?> type) {
        List<MethodHandle> getters = new ArrayList<>();
        try {
            MethodHandles.Lookup lookup = lookup(type);
            for (RecordComponent component : type.getRecordComponents()) {
                MethodType accessor = MethodType.methodType(component.getType());
                getters.add(
                        lookup.findVirtual(type, component.getName(), accessor)
                                .asType(MethodType.methodType(Object.class, Object.class)));
            }
        } catch (ReflectiveOperationException e) {
            throw closed(type, e);
        }
        return getters;
    }

    private static MethodHandles.Lookup lookup(Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        } catch (IllegalAccessException e) {
            return MethodHandles.publicLookup();
        }
    }

    private static IllegalArgumentException closed(Class<?> type, Exception cause) {
        return new IllegalArgumentException(
                "record "
                        + type.getName()
                        + " cannot be reached: make it public and export "
                        + "its package, or add 'opens "
                        + type.getPackageName()
                        + " to io.aquifer.connectors.files' to its module-info",
                cause);
    }

    private static RecordFactory factory(Class<?> type, List<Component> components) {
        try {
            MethodHandle constructor =
                    lookup(type)
                            .findConstructor(
                                    type,
                                    MethodType.methodType(
                                            void.class,
                                            components.stream()
                                                    .<Class<?>>map(Component::type)
                                                    .toList()));
            return generate(adapt(constructor, components));
        } catch (ReflectiveOperationException e) {
            throw closed(type, e);
        }
    }

    /// From `(component types)record` to `(long[], Object[])Object`.
    private static MethodHandle adapt(MethodHandle constructor, List<Component> components)
            throws ReflectiveOperationException {
        MethodHandles.Lookup own = MethodHandles.lookup();
        MethodHandle[] filters = new MethodHandle[components.size()];
        int[] order = new int[components.size()];
        for (Component component : components) {
            int i = component.index();
            if (component.type().isPrimitive()) {
                MethodHandle at =
                        own.findStatic(
                                RecordShape.class,
                                component.type().getName() + "At",
                                MethodType.methodType(component.type(), long[].class, int.class));
                filters[i] = MethodHandles.insertArguments(at, 1, i);
            } else {
                MethodHandle at = MethodHandles.arrayElementGetter(Object[].class);
                filters[i] =
                        MethodHandles.insertArguments(at, 1, i)
                                .asType(MethodType.methodType(component.type(), Object[].class));
                order[i] = 1;
            }
        }
        MethodHandle filtered = MethodHandles.filterArguments(constructor, 0, filters);
        MethodType rows =
                MethodType.methodType(
                        constructor.type().returnType(), long[].class, Object[].class);
        return MethodHandles.permuteArguments(filtered, rows, order)
                .asType(MethodType.methodType(Object.class, long[].class, Object[].class));
    }

    /// A class whose only content is the handle as a constant: called through it, the constructor
    /// is inlined.
    private static RecordFactory generate(MethodHandle handle) throws ReflectiveOperationException {
        ClassDesc rowClass = ClassDesc.of(RecordShape.class.getPackageName() + ".GeneratedFactory");
        MethodTypeDesc make =
                MethodTypeDesc.of(CD_Object, ClassDesc.ofDescriptor("[J"), CD_Object.arrayType());
        DirectMethodHandleDesc classData =
                MethodHandleDesc.ofMethod(
                        DirectMethodHandleDesc.Kind.STATIC,
                        ClassDesc.of(MethodHandles.class.getName()),
                        "classData",
                        MethodTypeDesc.of(CD_Object, CD_MethodHandles_Lookup, CD_String, CD_Class));
        byte[] bytes =
                ClassFile.of()
                        .build(
                                rowClass,
                                type ->
                                        type.withInterfaceSymbols(
                                                        ClassDesc.of(RecordFactory.class.getName()))
                                                .withMethodBody(
                                                        INIT_NAME,
                                                        MTD_void,
                                                        ACC_PUBLIC,
                                                        code ->
                                                                code.aload(0)
                                                                        .invokespecial(
                                                                                CD_Object,
                                                                                INIT_NAME, MTD_void)
                                                                        .return_())
                                                .withMethodBody(
                                                        "make",
                                                        make,
                                                        ACC_PUBLIC,
                                                        code ->
                                                                code.ldc(
                                                                                DynamicConstantDesc
                                                                                        .ofNamed(
                                                                                                classData,
                                                                                                "_",
                                                                                                CD_MethodHandle))
                                                                        .aload(1)
                                                                        .aload(2)
                                                                        .invokevirtual(
                                                                                CD_MethodHandle,
                                                                                "invokeExact",
                                                                                make)
                                                                        .areturn()));
        MethodHandles.Lookup lookup =
                MethodHandles.lookup().defineHiddenClassWithClassData(bytes, handle, true);
        return (RecordFactory) lookup.lookupClass().getDeclaredConstructor().newInstance();
    }

    // Reached by name, from adapt.

    private static int intAt(long[] numbers, int index) {
        return (int) numbers[index];
    }

    private static long longAt(long[] numbers, int index) {
        return numbers[index];
    }

    private static double doubleAt(long[] numbers, int index) {
        return Double.longBitsToDouble(numbers[index]);
    }

    private static boolean booleanAt(long[] numbers, int index) {
        return numbers[index] != 0;
    }
}
