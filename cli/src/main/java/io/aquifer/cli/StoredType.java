package io.aquifer.cli;

import io.aquifer.api.types.CorruptRecordException;
import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSerializer;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A type as a checkpoint names it, and the way to read its values without the job's classes: the
/// text has the layout of every record, sealed type and enum in it.
///
/// What is read is a plain tree: null, a Boolean, a number, a String, a `byte[]`, a List, or a Map
/// with names as keys. Records and POJOs become maps by field; a value of a sealed type gets
/// `$type` as its first field; a map with other keys than strings becomes a list of pairs; moments
/// become their ISO text.
///
/// **Threads.** One at a time.
final class StoredType {
    private static final Pattern SCHEMA =
            Pattern.compile("(.*) (RECORD|POJO|SEALED|ENUM) \\((.*)\\)");
    private static final Pattern QUALIFIER =
            Pattern.compile("[\\w.$]*[.$](?=\\w)", Pattern.UNICODE_CHARACTER_CLASS);
    private static final int ONE_BYTE = 256;

    private static final Set<String> PRIMITIVES =
            Set.of("boolean", "byte", "short", "char", "int", "long", "float", "double");
    private static final Map<String, TypeSerializer<?>> SCALARS = scalars();
    private static final Set<String> LISTS =
            Set.of("java.util.List", "java.util.Collection", "java.util.ArrayList");
    private static final Set<String> SETS =
            Set.of("java.util.Set", "java.util.LinkedHashSet", "java.util.HashSet");
    private static final Set<String> MAPS =
            Set.of("java.util.Map", "java.util.LinkedHashMap", "java.util.HashMap");

    private final String name;
    private final @Nullable Reader reader;
    private final String unknown;

    /// Reads the values of one type.
    private interface Reader {
        @Nullable Object read(DataInputDeserializer in);
    }

    private record Field(String name, String type) {}

    private record Schema(String kind, List<Field> fields) {}

    private StoredType(String name, @Nullable Reader reader, String unknown) {
        this.name = name;
        this.reader = reader;
        this.unknown = unknown;
    }

    /// @param text as a section of a state file has it; empty for bytes that nobody described
    static StoredType of(String text) {
        if (text.isEmpty()) {
            return new StoredType("", null, "bytes without a type");
        }
        String[] parts = text.split("; ", -1);
        Map<String, Schema> schemas = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            Matcher schema = SCHEMA.matcher(parts[i]);
            if (schema.matches()) {
                schemas.put(schema.group(1), new Schema(schema.group(2), fields(schema.group(3))));
            }
        }
        try {
            return new StoredType(parts[0], new Readers(schemas).of(parts[0]), "");
        } catch (UnknownTypeException unknown) {
            return new StoredType(parts[0], null, String.valueOf(unknown.getMessage()));
        }
    }

    private static List<Field> fields(String text) {
        List<Field> fields = new ArrayList<>();
        for (String field : split(text)) {
            int colon = field.indexOf(": ");
            fields.add(new Field(field.substring(0, colon), field.substring(colon + 2)));
        }
        return fields;
    }

    /// The parts between the commas that are in no angle brackets.
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '<' ? 1 : c == '>' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(begin, i));
                begin = i + 2;
            }
        }
        if (begin < text.length()) {
            parts.add(text.substring(begin));
        }
        return parts;
    }

    /// `Map<String, Line>` for `java.util.Map<java.lang.String, app.Order$Line>`.
    String shortName() {
        return shortName(name);
    }

    private static String shortName(String type) {
        return QUALIFIER.matcher(type).replaceAll("");
    }

    /// Why no value can be read, empty when they can.
    String unknown() {
        return unknown;
    }

    /// The value that these bytes are.
    ///
    /// @throws CorruptRecordException if they are none of this type, or the type is unknown
    @Nullable Object read(byte[] bytes, int offset, int length) {
        Reader known = reader;
        if (known == null) {
            throw new CorruptRecordException(unknown);
        }
        DataInputDeserializer in = new DataInputDeserializer(bytes, offset, length);
        Object value = known.read(in);
        if (in.available() > 0) {
            throw new CorruptRecordException(
                    "%,d of %,d bytes are left behind the value".formatted(in.available(), length));
        }
        return value;
    }

    private static final class UnknownTypeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnknownTypeException(String type) {
            super("the layout of " + type + " is not known here");
        }
    }

    private static Map<String, TypeSerializer<?>> scalars() {
        Map<String, TypeSerializer<?>> scalars = new HashMap<>();
        for (Class<?> type :
                List.of(
                        boolean.class,
                        byte.class,
                        short.class,
                        char.class,
                        int.class,
                        long.class,
                        float.class,
                        double.class,
                        Boolean.class,
                        Byte.class,
                        Short.class,
                        Character.class,
                        Integer.class,
                        Long.class,
                        Float.class,
                        Double.class,
                        String.class,
                        BigInteger.class,
                        BigDecimal.class,
                        UUID.class,
                        Instant.class,
                        Duration.class,
                        LocalDate.class,
                        LocalTime.class,
                        LocalDateTime.class,
                        OffsetDateTime.class,
                        ZonedDateTime.class,
                        byte[].class)) {
            scalars.put(type.getTypeName(), TypeInformation.of(type).createSerializer());
        }
        return Map.copyOf(scalars);
    }

    private static @Nullable Object plain(Object value) {
        return value instanceof Number || value instanceof Boolean || value instanceof byte[]
                ? value
                : value.toString();
    }

    /// Makes readers from the names of types.
    private static final class Readers {
        private final Map<String, Schema> schemas;
        private final Map<String, Reader> known = new HashMap<>();

        Readers(Map<String, Schema> schemas) {
            this.schemas = schemas;
        }

        /// @throws UnknownTypeException if the type, or a part of it, is not known
        Reader of(String type) {
            Reader reader = known.get(type);
            if (reader == null) {
                reader = make(type);
                known.put(type, reader);
            }
            return reader;
        }

        private Reader make(String type) {
            TypeSerializer<?> scalar = SCALARS.get(type);
            if (scalar != null) {
                return in -> plain(scalar.deserialize(in));
            }
            Schema schema = schemas.get(type);
            if (schema != null) {
                return ofSchema(type, schema);
            }
            if (type.endsWith("[]")) {
                String component = type.substring(0, type.length() - 2);
                Reader element = of(component);
                return PRIMITIVES.contains(component)
                        ? in -> counted(in, in.readUnsignedVarInt(), element)
                        : in -> list(in, element);
            }
            int angle = type.indexOf('<');
            if (angle < 0 || !type.endsWith(">")) {
                throw new UnknownTypeException(type);
            }
            return ofGeneric(
                    type,
                    type.substring(0, angle),
                    split(type.substring(angle + 1, type.length() - 1)));
        }

        private Reader ofGeneric(String type, String raw, List<String> arguments) {
            Reader first = of(arguments.getFirst());
            if (LISTS.contains(raw)) {
                return in -> list(in, first);
            }
            if (SETS.contains(raw)) {
                return in -> {
                    int header = in.readUnsignedVarInt();
                    List<@Nullable Object> elements = counted(in, header >>> 1, first);
                    if ((header & 1) != 0) {
                        elements.add(null);
                    }
                    return elements;
                };
            }
            if (MAPS.contains(raw)) {
                Reader value = of(arguments.get(1));
                boolean named = arguments.getFirst().equals("java.lang.String");
                return in -> map(in, first, value, named);
            }
            if (raw.equals("java.util.Optional")) {
                return in -> in.readBoolean() ? first.read(in) : null;
            }
            if (raw.equals("io.aquifer.api.types.TtlValue")) {
                return in -> {
                    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
                    tree.put("lastAccess", in.readLong());
                    tree.put("value", first.read(in));
                    return tree;
                };
            }
            throw new UnknownTypeException(type);
        }

        /// A type may contain itself, so its reader is known before its fields'.
        private Reader ofSchema(String type, Schema schema) {
            if (schema.kind().equals("ENUM")) {
                List<String> names = schema.fields().stream().map(Field::name).toList();
                return in -> constant(in, names);
            }
            List<Reader> parts = new ArrayList<>();
            Reader reader =
                    schema.kind().equals("SEALED")
                            ? in -> subtype(in, schema.fields(), parts)
                            : in -> struct(in, schema.fields(), parts);
            known.put(type, reader);
            schema.fields().forEach(field -> parts.add(of(field.type())));
            return reader;
        }

        private static Object constant(DataInputDeserializer in, List<String> names) {
            int number = names.size() <= ONE_BYTE ? in.readByte() & 0xFF : in.readShort() & 0xFFFF;
            return names.get(checkIndex(number, names.size(), "constant"));
        }

        private static int checkIndex(int number, int count, String what) {
            if (number < 0 || number >= count) {
                throw new CorruptRecordException(
                        "found " + what + " number " + number + " of " + count);
            }
            return number;
        }

        private static Object subtype(
                DataInputDeserializer in, List<Field> leaves, List<Reader> parts) {
            int tag = checkIndex(in.readUnsignedVarInt(), leaves.size(), "subtype");
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            tree.put("$type", shortName(leaves.get(tag).name()));
            Object value = parts.get(tag).read(in);
            if (value instanceof Map<?, ?> fields) {
                fields.forEach((name, field) -> tree.put(String.valueOf(name), field));
            } else {
                tree.put("value", value);
            }
            return tree;
        }

        private static Object struct(
                DataInputDeserializer in, List<Field> fields, List<Reader> parts) {
            int references = 0;
            for (Field field : fields) {
                references += PRIMITIVES.contains(field.type()) ? 0 : 1;
            }
            byte[] bitmap = bitmap(in, fields.isEmpty() ? 1 : references);
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            int reference = 0;
            for (int i = 0; i < fields.size(); i++) {
                Field field = fields.get(i);
                boolean there = PRIMITIVES.contains(field.type()) || isSet(bitmap, reference++);
                tree.put(field.name(), there ? parts.get(i).read(in) : null);
            }
            return tree;
        }

        private static byte[] bitmap(DataInputDeserializer in, int bits) {
            int bytes = (int) ((bits + 7L) / Byte.SIZE);
            if (bytes > in.available()) {
                throw new CorruptRecordException(
                        "%,d presence bits cannot lie in %,d bytes"
                                .formatted(bits, in.available()));
            }
            byte[] bitmap = new byte[bytes];
            in.readFully(bitmap, 0, bytes);
            return bitmap;
        }

        private static boolean isSet(byte[] bitmap, int bit) {
            return (bitmap[bit >> 3] & 1 << (bit & 7)) != 0;
        }

        private static List<@Nullable Object> list(DataInputDeserializer in, Reader element) {
            int header = in.readUnsignedVarInt();
            int size = header >>> 1;
            if ((header & 1) == 0) {
                return counted(in, size, element);
            }
            byte[] bitmap = bitmap(in, size);
            List<@Nullable Object> elements = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                elements.add(isSet(bitmap, i) ? element.read(in) : null);
            }
            return elements;
        }

        /// Every element takes a byte at least, so that a wrong count ends with the bytes.
        private static List<@Nullable Object> counted(
                DataInputDeserializer in, int size, Reader element) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                elements.add(element.read(in));
            }
            return elements;
        }

        private static Object map(
                DataInputDeserializer in, Reader key, Reader value, boolean named) {
            int header = in.readUnsignedVarInt();
            boolean nulls = (header & 1) != 0;
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            List<@Nullable Object> pairs = new ArrayList<>();
            for (int i = 0; i < header >>> 1; i++) {
                int there = nulls ? in.readByte() : 3;
                Object k = (there & 1) != 0 ? key.read(in) : null;
                Object v = (there & 2) != 0 ? value.read(in) : null;
                tree.put(String.valueOf(k), v);
                List<@Nullable Object> pair = new ArrayList<>();
                pair.add(k);
                pair.add(v);
                pairs.add(pair);
            }
            return named && !nulls ? tree : pairs;
        }
    }
}
