package io.aquifer.api.types;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Java source of records with random components: scalars, arrays, collections, generics, sealed
/// types, other records.
final class RandomRecordSources {
    private static final String[] SCALARS = {
        "boolean",
        "byte",
        "short",
        "char",
        "int",
        "long",
        "float",
        "double",
        "Boolean",
        "Byte",
        "Short",
        "Character",
        "Integer",
        "Long",
        "Float",
        "Double",
        "String",
        "String",
        "java.math.BigInteger",
        "java.math.BigDecimal",
        "java.util.UUID",
        "java.time.Instant",
        "java.time.LocalDate",
        "java.time.LocalTime",
        "java.time.LocalDateTime",
        "java.time.Duration",
        "java.time.ZonedDateTime",
        "java.time.OffsetDateTime",
        "Color",
        "Shape"
    };
    private static final String[] PRIMITIVE_ARRAYS = {
        "boolean[]",
        "byte[]",
        "short[]",
        "char[]",
        "int[]",
        "long[]",
        "float[]",
        "double[]",
        "int[][]",
        "String[]"
    };
    private final SplittableRandom random;
    private final List<String> hashable =
            new ArrayList<>(List.of("Box<String>", "Box<List<Integer>>"));
    private final List<String> others = new ArrayList<>(List.of("Box<byte[]>"));

    RandomRecordSources(SplittableRandom random) {
        this.random = random;
    }

    /// Source by file name: `count` records `generated.R0`, `generated.R1`, and what they use.
    Map<String, String> generate(int count) {
        Map<String, String> sources = new LinkedHashMap<>();
        put(sources, "Color", "public enum Color { RED { }, GREEN, BLUE }");
        put(sources, "Shape", "public sealed interface Shape permits Circle, Square, Nothing {}");
        put(sources, "Circle", "record Circle(double radius) implements Shape {}");
        put(sources, "Square", "record Square(Integer side, Shape inside) implements Shape {}");
        put(sources, "Nothing", "record Nothing() implements Shape {}");
        put(sources, "Box", "record Box<T>(T value, Optional<T> second) {}");
        for (int i = 0; i < count; i++) {
            put(sources, "R" + i, record("R" + i));
        }
        return sources;
    }

    private static void put(Map<String, String> sources, String name, String declaration) {
        sources.put(
                "generated/" + name + ".java",
                "package generated;\nimport java.util.*;\n" + declaration + "\n");
    }

    private String record(String name) {
        boolean mayHash = random.nextBoolean();
        int width = random.nextInt(8) == 0 ? random.nextInt(60) : random.nextInt(9);
        StringBuilder source =
                new StringBuilder(random.nextBoolean() ? "public " : "")
                        .append("record " + name + "(");
        for (int i = 0; i < width; i++) {
            String type = random.nextInt(15) == 0 ? name : type(mayHash, 3);
            source.append(i == 0 ? "" : ", ").append(type).append(" c").append(i);
        }
        (mayHash ? hashable : others).add(name);
        return source.append(") {}").toString();
    }

    private String type(boolean mayHash, int depth) {
        int kind = depth == 0 ? 0 : random.nextInt(12);
        return switch (kind) {
            case 6 -> "List<" + boxed(type(mayHash, depth - 1)) + ">";
            case 7 -> "Set<" + boxed(type(true, depth - 1)) + ">";
            case 8 ->
                    "Map<"
                            + boxed(type(true, depth - 1))
                            + ", "
                            + boxed(type(mayHash, depth - 1))
                            + ">";
            case 9 -> "Optional<" + boxed(type(mayHash, depth - 1)) + ">";
            case 10 -> hashable.get(random.nextInt(hashable.size()));
            case 11 -> mayHash ? scalar() : unhashable(depth);
            default -> scalar();
        };
    }

    private String unhashable(int depth) {
        return switch (random.nextInt(4)) {
            case 0 -> PRIMITIVE_ARRAYS[random.nextInt(PRIMITIVE_ARRAYS.length)];
            case 1 -> "List<" + boxed(type(false, depth - 1)) + ">[]";
            default -> others.get(random.nextInt(others.size()));
        };
    }

    private String scalar() {
        return SCALARS[random.nextInt(SCALARS.length)];
    }

    private static String boxed(String type) {
        return switch (type) {
            case "int" -> "Integer";
            case "char" -> "Character";
            case "boolean", "byte", "short", "long", "float", "double" ->
                    Character.toUpperCase(type.charAt(0)) + type.substring(1);
            default -> type;
        };
    }
}
