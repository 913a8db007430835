package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.types.CorruptRecordException;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TtlValue;
import io.aquifer.api.types.TypeHint;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSchema;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Values that the real serializers wrote, read again by the type's text alone.
class StoredTypeTest {
    enum Colour {
        RED,
        GREEN
    }

    record Leg(int km, @Nullable String to, @Nullable Colour colour) {}

    record Nothing() {}

    sealed interface Shape permits Circle, Square, Unit {}

    record Circle(double radius) implements Shape {}

    record Square(@Nullable Leg side) implements Shape {}

    enum Unit implements Shape {
        ONE
    }

    record Tree(String name, List<Tree> children) {}

    record Box<T>(T content) {}

    public static final class Pojo {
        public int count;
        public @Nullable String name;
    }

    /// As the engine writes it into sections.
    static String text(TypeInformation<?> type) {
        return type.type().getTypeName()
                + type.schemas().stream()
                        .map(schema -> "; " + text(schema))
                        .collect(Collectors.joining());
    }

    private static String text(TypeSchema schema) {
        return schema.name()
                + schema.fields().stream()
                        .map(field -> field.name() + ": " + field.type())
                        .collect(Collectors.joining(", ", " " + schema.kind() + " (", ")"));
    }

    private static <T> String read(TypeInformation<T> type, T value) {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeByte(99);
        type.createSerializer().serialize(value, out);
        StoredType stored = StoredType.of(text(type));
        assertThat(stored.unknown()).isEmpty();
        return StoredEntry.text(stored.read(out.buffer(), 1, out.length() - 1));
    }

    private static <T> String read(Class<T> type, T value) {
        return read(TypeInformation.of(type), value);
    }

    @Test
    void scalars_readAsTheyWereWritten() {
        assertThat(read(Long.class, -5L)).isEqualTo("-5");
        assertThat(read(Long.class, Long.MAX_VALUE)).isEqualTo("9223372036854775807");
        assertThat(read(Integer.class, 7)).isEqualTo("7");
        assertThat(read(Short.class, (short) -1)).isEqualTo("-1");
        assertThat(read(Byte.class, (byte) 3)).isEqualTo("3");
        assertThat(read(Character.class, 'x')).isEqualTo("x");
        assertThat(read(Boolean.class, true)).isEqualTo("true");
        assertThat(read(Double.class, 0.1)).isEqualTo("0.1");
        assertThat(read(Double.class, Double.NaN)).isEqualTo("\"NaN\"");
        assertThat(read(Float.class, 1.5f)).isEqualTo("1.5");
        assertThat(read(String.class, "a \"b\"\n\u20ac")).isEqualTo("a \"b\"\n\u20ac");
        assertThat(read(BigInteger.class, BigInteger.TEN.pow(30))).isEqualTo("1" + "0".repeat(30));
        assertThat(read(BigDecimal.class, new BigDecimal("1.20"))).isEqualTo("1.20");
        assertThat(read(UUID.class, new UUID(1, 2)))
                .isEqualTo("00000000-0000-0001-0000-000000000002");
        assertThat(read(Instant.class, Instant.EPOCH)).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(read(Duration.class, Duration.ofSeconds(90))).isEqualTo("PT1M30S");
        assertThat(read(LocalDate.class, LocalDate.of(2026, 2, 3))).isEqualTo("2026-02-03");
        assertThat(read(ZonedDateTime.class, ZonedDateTime.parse("2026-02-03T04:05:06Z[UTC]")))
                .isEqualTo("2026-02-03T04:05:06Z[UTC]");
        assertThat(read(byte[].class, new byte[] {0, -1})).isEqualTo("\"0x00ff\"");
        assertThat(read(long[].class, new long[] {1, 2})).isEqualTo("[1,2]");
        assertThat(read(char[].class, new char[] {'a'})).isEqualTo("[\"a\"]");
    }

    @Test
    void recordsAndWhatTheyHold_readByName() {
        assertThat(read(Leg.class, new Leg(3, "FRA", Colour.GREEN)))
                .isEqualTo("{\"km\":3,\"to\":\"FRA\",\"colour\":\"GREEN\"}");
        assertThat(read(Leg.class, new Leg(3, null, null)))
                .isEqualTo("{\"km\":3,\"to\":null,\"colour\":null}");
        assertThat(read(Nothing.class, new Nothing())).isEqualTo("{}");
        Pojo pojo = new Pojo();
        pojo.count = 2;
        pojo.name = "p";
        assertThat(read(Pojo.class, pojo)).isEqualTo("{\"count\":2,\"name\":\"p\"}");
        assertThat(read(Tree.class, new Tree("a", List.of(new Tree("b", List.of())))))
                .isEqualTo("{\"name\":\"a\",\"children\":[{\"name\":\"b\",\"children\":[]}]}");
        assertThat(
                        read(
                                TypeInformation.of(new TypeHint<Box<Map<String, Leg[]>>>() {}),
                                new Box<>(Map.of("x", new Leg[] {new Leg(1, null, Colour.RED)}))))
                .isEqualTo("{\"content\":{\"x\":[{\"km\":1,\"to\":null,\"colour\":\"RED\"}]}}");
    }

    @Test
    void valuesWithATimeToLive_showWhenTheyWereUsedLast() {
        assertThat(
                        read(
                                TtlValue.typeOf(TypeInformation.of(Leg.class)),
                                new TtlValue<>(1_000, new Leg(3, null, null))))
                .isEqualTo(
                        "{\"lastAccess\":1000,\"value\":{\"km\":3,\"to\":null,\"colour\":null}}");
    }

    @Test
    void sealedTypes_sayWhichTheyAre() {
        assertThat(read(Shape.class, new Circle(2)))
                .isEqualTo("{\"$type\":\"Circle\",\"radius\":2.0}");
        assertThat(read(Shape.class, new Square(new Leg(1, "B", null))))
                .isEqualTo(
                        "{\"$type\":\"Square\",\"side\":{\"km\":1,\"to\":\"B\",\"colour\":null}}");
        assertThat(read(Shape.class, Unit.ONE)).isEqualTo("{\"$type\":\"Unit\",\"value\":\"ONE\"}");
    }

    @Test
    void collections_withAndWithoutNulls() {
        assertThat(read(TypeInformation.of(new TypeHint<List<Integer>>() {}), List.of(1, 2)))
                .isEqualTo("[1,2]");
        assertThat(
                        read(
                                TypeInformation.of(new TypeHint<List<@Nullable Integer>>() {}),
                                Arrays.asList(1, null, 3)))
                .isEqualTo("[1,null,3]");
        assertThat(read(TypeInformation.of(new TypeHint<Set<String>>() {}), Set.of("b")))
                .isEqualTo("[\"b\"]");
        Map<Long, @Nullable String> map = new LinkedHashMap<>();
        map.put(1L, "a");
        map.put(2L, null);
        assertThat(read(TypeInformation.of(new TypeHint<Map<Long, @Nullable String>>() {}), map))
                .isEqualTo("[[2,null],[1,\"a\"]]");
        assertThat(read(TypeInformation.of(new TypeHint<Optional<String>>() {}), Optional.empty()))
                .isEqualTo("null");
        assertThat(read(String[].class, new String[] {"a"})).isEqualTo("[\"a\"]");
    }

    @Test
    void bytesOfAnotherType_areRefused() {
        StoredType leg = StoredType.of(text(TypeInformation.of(Leg.class)));
        assertThatThrownBy(() -> leg.read(new byte[] {1, 0, 0}, 0, 3))
                .isInstanceOf(CorruptRecordException.class);
        assertThatThrownBy(() -> leg.read(new byte[9], 0, 9))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessage("4 of 9 bytes are left behind the value");
        assertThatThrownBy(() -> leg.read(new byte[] {2, 0, 0, 0, 0, 7}, 0, 6))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessage("found constant number 7 of 2");
        StoredType list = StoredType.of("java.util.List<java.lang.Long>");
        assertThatThrownBy(() -> list.read(new byte[] {-1, -1, -1, -1, 15}, 0, 5))
                .isInstanceOf(CorruptRecordException.class);
    }

    @Test
    void unknownTypes_areNamed() {
        assertThat(StoredType.of("").unknown()).isEqualTo("bytes without a type");
        assertThat(StoredType.of("app.Money").unknown())
                .isEqualTo("the layout of app.Money is not known here");
        assertThat(StoredType.of("app.A; app.A RECORD (x: app.Money)").unknown())
                .isEqualTo("the layout of app.Money is not known here");
        assertThat(StoredType.of("java.util.Map<java.lang.String, app.Order$Line>[]").shortName())
                .isEqualTo("Map<String, Line>[]");
    }
}
