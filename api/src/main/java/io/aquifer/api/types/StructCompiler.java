package io.aquifer.api.types;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Generates the serializer of a record or POJO as a hidden class, a nestmate of the class itself.
///
/// The class reads accessors and calls the constructor directly, and reads and writes primitives,
/// boxes and strings by calls on the two byte buffers; the serializers of all other fields are
/// constants, from the class data, so that the JIT sees through them. It keeps no state. The bytes
/// are those of [StructShape].
///
/// ```java
/// public void serialize(Object o, DataOutputSerializer out) {   // of record Leg(int km, String to, Instant at)
///     Leg leg = (Leg) o;
///     String to = leg.to(); Instant at = leg.at();
///     out.writeByte((to != null ? 1 : 0) | (at != null ? 2 : 0));
///     out.writeInt(leg.km());
///     if (to != null) out.writeString(to);
///     if (at != null) PART_2.serialize(at, out);
/// }
/// ```
final class StructCompiler {
    private static final ClassDesc OUT = desc(DataOutputSerializer.class);
    private static final ClassDesc IN = desc(DataInputDeserializer.class);
    private static final ClassDesc SERIALIZER = desc(TypeSerializer.class);
    private static final ClassDesc SCHEMA_SERIALIZER = desc(SchemaSerializer.class);
    private static final ClassDesc SCHEMA = desc(TypeSchema.class);
    private static final ClassDesc OBJECT = ConstantDescs.CD_Object;
    private static final MethodTypeDesc SERIALIZE =
            MethodTypeDesc.of(ConstantDescs.CD_void, OBJECT, OUT);
    private static final MethodTypeDesc DESERIALIZE = MethodTypeDesc.of(OBJECT, IN);

    private final StructShape shape;
    private final ClassDesc struct;

    private StructCompiler(StructShape shape) {
        this.shape = shape;
        this.struct = desc(shape.raw());
    }

    /// @param lookup with full privilege access, in the struct's class
    /// @throws IllegalArgumentException if the struct has more fields than the code of a method can
    ///   hold
    @SuppressWarnings("unchecked") // the generated class implements it for the struct's values
    static SchemaSerializer<Object> compile(
            StructShape shape, TypeSchema schema, List<TypeSerializer<Object>> parts, Lookup lookup)
            throws IllegalAccessException {
        byte[] bytes = new StructCompiler(shape).bytes(lookup);
        List<Object> classData = new ArrayList<>(parts);
        classData.add(schema);
        Lookup defined =
                lookup.defineHiddenClassWithClassData(
                        bytes, List.copyOf(classData), true, Lookup.ClassOption.NESTMATE);
        try {
            return (SchemaSerializer<Object>)
                    defined.findConstructor(
                                    defined.lookupClass(), MethodType.methodType(void.class))
                            .invoke();
        } catch (Throwable thrown) {
            throw new IllegalStateException(
                    "the generated " + defined.lookupClass() + " has no constructor", thrown);
        }
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private byte[] bytes(Lookup lookup) {
        String simpleName =
                shape.raw()
                        .getName()
                        .substring(shape.raw().getPackageName().length())
                        .replace(".", "");
        ClassDesc name = ClassDesc.of(shape.raw().getPackageName(), simpleName + "$Serializer");
        ClassHierarchyResolver hierarchy =
                ClassHierarchyResolver.defaultResolver()
                        .orElse(ClassHierarchyResolver.ofClassLoading(lookup));
        return ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(hierarchy))
                .build(
                        name,
                        type -> {
                            type.withFlags(
                                    ClassFile.ACC_FINAL
                                            | ClassFile.ACC_SUPER
                                            | ClassFile.ACC_SYNTHETIC);
                            type.withInterfaceSymbols(SCHEMA_SERIALIZER);
                            type.withMethodBody(
                                    ConstantDescs.INIT_NAME,
                                    ConstantDescs.MTD_void,
                                    0,
                                    StructCompiler::constructor);
                            type.withMethodBody(
                                    "serialize", SERIALIZE, ClassFile.ACC_PUBLIC, this::serialize);
                            type.withMethodBody(
                                    "deserialize",
                                    DESERIALIZE,
                                    ClassFile.ACC_PUBLIC,
                                    this::deserialize);
                            type.withMethodBody(
                                    "fixedLength",
                                    MethodTypeDesc.of(ConstantDescs.CD_int),
                                    ClassFile.ACC_PUBLIC,
                                    code -> code.loadConstant(shape.fixedLength()).ireturn());
                            type.withMethodBody(
                                    "schema",
                                    MethodTypeDesc.of(SCHEMA),
                                    ClassFile.ACC_PUBLIC,
                                    code ->
                                            code.loadConstant(
                                                            classData(
                                                                    shape.fields().size(), SCHEMA))
                                                    .areturn());
                        });
    }

    private static void constructor(CodeBuilder code) {
        code.aload(0)
                .invokespecial(OBJECT, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                .return_();
    }

    private static DynamicConstantDesc<?> classData(int index, ClassDesc type) {
        return DynamicConstantDesc.ofNamed(
                ConstantDescs.BSM_CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, type, index);
    }

    private void serialize(CodeBuilder code) {
        int value = code.parameterSlot(0);
        int out = code.parameterSlot(1);
        int self = code.allocateLocal(TypeKind.REFERENCE);
        checkClass(code, value);
        code.aload(value).checkcast(struct).astore(self);
        int[] slots = loadReferences(code, self, out);
        if (shape.fields().isEmpty()) {
            code.aload(out).iconst_0();
            out(code, "writeByte", ConstantDescs.CD_int);
        }
        for (int i = 0; i < slots.length; i++) {
            StructField field = shape.fields().get(i);
            if (field.isReference()) {
                Label absent = code.newLabel();
                code.aload(slots[i]).ifnull(absent);
                writeReference(code, i, slots[i], out);
                code.labelBinding(absent);
            } else {
                code.aload(out);
                get(code, field, self);
                writeScalar(code, field.rawType());
            }
        }
        code.return_();
    }

    /// Reads every reference once, into a local, and writes the bitmap of those that are there.
    private int[] loadReferences(CodeBuilder code, int self, int out) {
        int[] slots = new int[shape.fields().size()];
        int bits = code.allocateLocal(TypeKind.INT);
        int reference = 0;
        int references = shape.referenceCount();
        for (int i = 0; i < slots.length; i++) {
            StructField field = shape.fields().get(i);
            if (!field.isReference()) {
                continue;
            }
            if (reference % 8 == 0) {
                code.iconst_0().istore(bits);
            }
            slots[i] = code.allocateLocal(TypeKind.REFERENCE);
            Label absent = code.newLabel();
            get(code, field, self);
            code.astore(slots[i]).aload(slots[i]).ifnull(absent);
            code.iload(bits).loadConstant(1 << reference % 8).ior().istore(bits);
            code.labelBinding(absent);
            reference++;
            if (reference % 8 == 0 || reference == references) {
                code.aload(out).iload(bits);
                out(code, "writeByte", ConstantDescs.CD_int);
            }
        }
        return slots;
    }

    private void writeReference(CodeBuilder code, int index, int slot, int out) {
        Class<?> type = shape.fields().get(index).rawType();
        Class<?> primitive = MethodType.methodType(type).unwrap().returnType();
        if (primitive.isPrimitive()) {
            code.aload(out).aload(slot);
            code.invokevirtual(
                    desc(type), primitive.getName() + "Value", MethodTypeDesc.of(desc(primitive)));
            writeScalar(code, primitive);
        } else if (type == String.class) {
            code.aload(out).aload(slot);
            out(code, "writeString", ConstantDescs.CD_String);
        } else {
            code.loadConstant(classData(index, SERIALIZER)).aload(slot).aload(out);
            code.invokeinterface(SERIALIZER, "serialize", SERIALIZE);
        }
    }

    /// The buffers take bytes, shorts and chars as ints.
    private static void writeScalar(CodeBuilder code, Class<?> primitive) {
        boolean small =
                primitive == byte.class || primitive == short.class || primitive == char.class;
        out(code, "write" + suffix(primitive), small ? ConstantDescs.CD_int : desc(primitive));
    }

    private void deserialize(CodeBuilder code) {
        int in = code.parameterSlot(0);
        int[] bitmaps = new int[shape.bitmapBytes()];
        for (int i = 0; i < bitmaps.length; i++) {
            bitmaps[i] = code.allocateLocal(TypeKind.INT);
            code.aload(in);
            in(code, "readByte", ConstantDescs.CD_byte);
            code.istore(bitmaps[i]);
        }
        if (shape.fields().isEmpty()) {
            code.aload(in);
            in(code, "readByte", ConstantDescs.CD_byte);
            code.pop();
        }
        int[] slots = readFields(code, in, bitmaps);
        code.new_(struct).dup();
        if (shape.isRecord()) {
            load(code, slots);
        }
        MethodTypeDesc parameters =
                MethodType.methodType(void.class, shape.constructor().getParameterTypes())
                        .describeConstable()
                        .orElseThrow();
        code.invokespecial(struct, ConstantDescs.INIT_NAME, parameters);
        if (!shape.isRecord()) {
            for (int i = 0; i < slots.length; i++) {
                StructField field = shape.fields().get(i);
                code.dup().loadLocal(TypeKind.from(field.rawType()), slots[i]);
                set(code, field);
            }
        }
        code.areturn();
    }

    private int[] readFields(CodeBuilder code, int in, int[] bitmaps) {
        int[] slots = new int[shape.fields().size()];
        int reference = 0;
        for (int i = 0; i < slots.length; i++) {
            StructField field = shape.fields().get(i);
            TypeKind kind = TypeKind.from(field.rawType());
            slots[i] = code.allocateLocal(kind);
            if (!field.isReference()) {
                code.aload(in);
                in(code, "read" + suffix(field.rawType()), desc(field.rawType()));
                code.storeLocal(kind, slots[i]);
                continue;
            }
            Label absent = code.newLabel();
            code.aconst_null().astore(slots[i]);
            code.iload(bitmaps[reference / 8]).loadConstant(1 << reference % 8).iand().ifeq(absent);
            readReference(code, i, in);
            code.astore(slots[i]).labelBinding(absent);
            reference++;
        }
        return slots;
    }

    private void readReference(CodeBuilder code, int index, int in) {
        Class<?> type = shape.fields().get(index).rawType();
        Class<?> primitive = MethodType.methodType(type).unwrap().returnType();
        if (primitive.isPrimitive()) {
            code.aload(in);
            in(code, "read" + suffix(primitive), desc(primitive));
            code.invokestatic(
                    desc(type), "valueOf", MethodTypeDesc.of(desc(type), desc(primitive)));
        } else if (type == String.class) {
            code.aload(in);
            in(code, "readString", ConstantDescs.CD_String);
        } else {
            code.loadConstant(classData(index, SERIALIZER)).aload(in);
            code.invokeinterface(SERIALIZER, "deserialize", DESERIALIZE).checkcast(desc(type));
        }
    }

    private void load(CodeBuilder code, int[] slots) {
        for (int i = 0; i < slots.length; i++) {
            code.loadLocal(TypeKind.from(shape.fields().get(i).rawType()), slots[i]);
        }
    }

    private void get(CodeBuilder code, StructField field, int self) {
        code.aload(self);
        ClassDesc type = desc(field.rawType());
        if (field.getter() instanceof Field direct) {
            code.getfield(struct, direct.getName(), type);
        } else {
            code.invokevirtual(struct, field.getter().getName(), MethodTypeDesc.of(type));
        }
    }

    /// Takes the struct and the value from the stack.
    private void set(CodeBuilder code, StructField field) {
        ClassDesc type = desc(field.rawType());
        if (field.setter() instanceof Method method) {
            ClassDesc result = desc(method.getReturnType());
            code.invokevirtual(struct, method.getName(), MethodTypeDesc.of(result, type));
            switch (TypeKind.from(method.getReturnType()).slotSize()) {
                case 1 -> code.pop();
                case 2 -> code.pop2();
                default -> {}
            }
        } else {
            code.putfield(struct, field.name(), type);
        }
    }

    private void checkClass(CodeBuilder code, int value) {
        code.aload(value).loadConstant(shape.nullMessage());
        code.invokestatic(
                desc(Objects.class),
                "requireNonNull",
                MethodTypeDesc.of(OBJECT, OBJECT, ConstantDescs.CD_String));
        code.pop();
        if (shape.isRecord()) {
            return;
        }
        ClassDesc illegalArgument = desc(IllegalArgumentException.class);
        MethodTypeDesc getClass = MethodTypeDesc.of(ConstantDescs.CD_Class);
        Label exact = code.newLabel();
        code.aload(value)
                .invokevirtual(OBJECT, "getClass", getClass)
                .loadConstant(struct)
                .if_acmpeq(exact);
        code.new_(illegalArgument).dup().loadConstant(shape.subclassMessage());
        code.aload(value).invokevirtual(OBJECT, "getClass", getClass);
        code.invokevirtual(
                ConstantDescs.CD_Class, "getName", MethodTypeDesc.of(ConstantDescs.CD_String));
        code.invokevirtual(
                ConstantDescs.CD_String,
                "concat",
                MethodTypeDesc.of(ConstantDescs.CD_String, ConstantDescs.CD_String));
        code.invokespecial(
                illegalArgument,
                ConstantDescs.INIT_NAME,
                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String));
        code.athrow().labelBinding(exact);
    }

    private static String suffix(Class<?> primitive) {
        String name = primitive.getName();
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static void out(CodeBuilder code, String method, ClassDesc parameter) {
        code.invokevirtual(OUT, method, MethodTypeDesc.of(ConstantDescs.CD_void, parameter));
    }

    private static void in(CodeBuilder code, String method, ClassDesc result) {
        code.invokevirtual(IN, method, MethodTypeDesc.of(result));
    }
}
