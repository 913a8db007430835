package io.aquifer.api.types;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.util.List;

/// Gets at the members of a record or POJO, and chooses how its serializer is made.
///
/// | The class is in                                                   | Lookup                              | Serializer |
/// |-------------------------------------------------------------------|-------------------------------------|------------|
/// | this module, as everything on the class path                      | private                             | generated  |
/// | another loader's unnamed module, or a module that opens its package | from a small class put beside it, private | generated |
/// | one of these, but its loader does not see this package            | private                             | by handles |
/// | a module that exports its package without opening it, all public  | this class's own                    | by handles |
/// | anything else                                                     | -                                   | an error   |
///
/// Both kinds of serializer write the same bytes.
final class StructAccess {
    private static final String NEIGHBOUR = "AquiferSerializers";

    private StructAccess() {}

    /// @param parts the fields' serializers, in the order of the fields
    /// @param place the way from the root type, for messages
    static SchemaSerializer<Object> serializer(
            StructShape shape,
            TypeSchema schema,
            List<TypeSerializer<Object>> parts,
            String place) {
        try {
            Lookup lookup = privateLookup(shape.raw());
            if (lookup.hasFullPrivilegeAccess() && canGenerate(shape)) {
                try {
                    return StructCompiler.compile(shape, schema, parts, lookup);
                } catch (IllegalArgumentException | LinkageError refused) {
                    // More fields than a method can hold, or a loader with rules of its own:
                    // handles can do both.
                    return HandleSerializer.of(shape, schema, parts, lookup);
                }
            }
            return HandleSerializer.of(shape, schema, parts, lookup);
        } catch (IllegalAccessException closed) {
            try {
                return HandleSerializer.of(shape, schema, parts, MethodHandles.lookup());
            } catch (IllegalAccessException notPublic) {
                throw notOpen(shape, place, closed);
            }
        }
    }

    /// A lookup with all rights in the class; without the right to define hidden classes when its
    /// package refuses to take the neighbour.
    private static Lookup privateLookup(Class<?> type) throws IllegalAccessException {
        Module own = StructAccess.class.getModule();
        own.addReads(type.getModule());
        Lookup direct = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        if (direct.hasFullPrivilegeAccess() || type.isHidden()) {
            return direct;
        }
        try {
            // A private lookup across modules may define classes in the package, but no hidden
            // ones; a lookup that is
            // born in the package may.
            Class<?> neighbour = neighbour(direct);
            Lookup inside =
                    (Lookup)
                            direct.findStatic(
                                            neighbour,
                                            "lookup",
                                            MethodType.methodType(Lookup.class))
                                    .invokeExact();
            return MethodHandles.privateLookupIn(type, inside);
        } catch (IllegalAccessException refused) {
            throw refused;
        } catch (Throwable refused) {
            return direct;
        }
    }

    private static Class<?> neighbour(Lookup direct)
            throws IllegalAccessException, ClassNotFoundException {
        String packageName = direct.lookupClass().getPackageName();
        ClassDesc name = ClassDesc.of(packageName, NEIGHBOUR);
        ClassDesc lookup = Lookup.class.describeConstable().orElseThrow();
        MethodTypeDesc giveLookup = MethodTypeDesc.of(lookup);
        byte[] bytes =
                ClassFile.of()
                        .build(
                                name,
                                type ->
                                        type.withFlags(
                                                        ClassFile.ACC_FINAL
                                                                | ClassFile.ACC_SUPER
                                                                | ClassFile.ACC_SYNTHETIC)
                                                .withMethodBody(
                                                        "lookup",
                                                        giveLookup,
                                                        ClassFile.ACC_STATIC,
                                                        code ->
                                                                code.invokestatic(
                                                                                ConstantDescs
                                                                                        .CD_MethodHandles,
                                                                                "lookup",
                                                                                giveLookup)
                                                                        .areturn()));
        try {
            return direct.defineClass(bytes);
        } catch (LinkageError alreadyThere) {
            String binaryName = packageName.isEmpty() ? NEIGHBOUR : packageName + "." + NEIGHBOUR;
            return Class.forName(binaryName, false, direct.lookupClass().getClassLoader());
        }
    }

    /// Generated code names its classes, so the loader must know them by these names, and the
    /// module must read ours.
    private static boolean canGenerate(StructShape shape) {
        Class<?> raw = shape.raw();
        if (raw.isHidden() || !raw.getModule().canRead(StructAccess.class.getModule())) {
            return false;
        }
        for (StructField field : shape.fields()) {
            if (field.rawType().describeConstable().isEmpty()) {
                return false;
            }
        }
        try {
            String name = SchemaSerializer.class.getName();
            return Class.forName(name, false, raw.getClassLoader()) == SchemaSerializer.class;
        } catch (ClassNotFoundException unknown) {
            return false;
        }
    }

    private static UnsupportedTypeException notOpen(
            StructShape shape, String place, IllegalAccessException cause) {
        Class<?> raw = shape.raw();
        Module reader = StructAccess.class.getModule();
        String opens =
                "opens "
                        + raw.getPackageName()
                        + (reader.isNamed() ? " to " + reader.getName() : "")
                        + ";";
        String what =
                Modifier.isPublic(raw.getModifiers())
                        ? "its package "
                        : "the package of a class that is not public, ";
        UnsupportedTypeException error =
                UnsupportedTypeException.at(
                        place,
                        GenericTypes.fullName(shape.type()),
                        "Module '"
                                + raw.getModule().getName()
                                + "' does not open "
                                + what
                                + raw.getPackageName()
                                + ".",
                        "Add `" + opens + "` to its module-info.java.");
        error.initCause(cause);
        return error;
    }
}
