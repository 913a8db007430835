package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Records, sealed types and enums that the tests declare themselves, in every kind of place.
class RecordSerializerTest {
    private record Leg(String from, String to, int km, @Nullable Instant at) {}

    private record Flight(
            long id, List<Leg> legs, Map<String, @Nullable Double> prices, @Nullable Flight next) {}

    private record Point(int x, long y, double z, boolean there) {}

    private record Pair<A, B>(@Nullable A left, @Nullable B right) {}

    private record Node(int value, List<Node> children) {}

    private record Chain(int value, @Nullable Chain next) {}

    private record Grow<T>(T value, @Nullable Grow<List<T>> next) {}

    private sealed interface Result<T> permits Ok, Failed, Pending {}

    private record Ok<V>(V value) implements Result<V> {}

    private record Failed<T>(String reason) implements Result<T> {}

    private enum Pending implements Result<String> {
        QUEUED,
        RUNNING {
            @Override
            public String toString() {
                return "runs";
            }
        }
    }

    private sealed interface Expression {}

    private record Literal(int value) implements Expression {}

    private sealed interface Binary extends Expression {}

    private record Add(Expression left, Expression right) implements Binary {}

    private record Multiply(Expression left, Expression right) implements Binary {}

    private static <T> T roundTrip(TypeInformation<T> type, T value) {
        TypeSerializer<T> serializer = type.createSerializer();
        DataOutputSerializer out = new DataOutputSerializer();
        serializer.serialize(value, out);
        DataInputDeserializer in = new DataInputDeserializer(out.toByteArray());
        T read = serializer.deserialize(in);
        assertThat(in.available()).isZero();
        return read;
    }

    @Test
    void createSerializer_ofAPrivateNestedRecord_isGeneratedAndGivesAnEqualValue() {
        Map<String, @Nullable Double> prices = new HashMap<>(Map.of("a", 1.0, "b", Double.NaN));
        prices.put("unknown", null);
        Flight flight =
                new Flight(
                        7,
                        List.of(
                                new Leg("ZRH", "JFK", 6300, Instant.EPOCH),
                                new Leg("JFK", "成田", 1, null)),
                        prices,
                        new Flight(8, List.of(), Map.of(), null));
        TypeInformation<Flight> type = TypeInformation.of(Flight.class);

        assertThat(type.createSerializer().getClass().isHidden()).isTrue();
        assertThat(roundTrip(type, flight)).isEqualTo(flight);
    }

    @Test
    void createSerializer_ofALocalRecord_isGenerated() {
        record Local(char letter, Character boxed) {}
        TypeInformation<Local> type = TypeInformation.of(Local.class);

        assertThat(type.createSerializer().getClass().isHidden()).isTrue();
        assertThat(roundTrip(type, new Local('x', 'y'))).isEqualTo(new Local('x', 'y'));
    }

    @Test
    void fixedLength_ofPrimitivesOnly_isTheirSum() {
        assertThat(TypeInformation.of(Point.class).createSerializer().fixedLength())
                .isEqualTo(4 + 8 + 8 + 1);
        assertThat(TypeInformation.of(Leg.class).createSerializer().fixedLength()).isEqualTo(-1);
        assertThat(Types.LONG.createSerializer().fixedLength()).isEqualTo(8);
        assertThat(Types.STRING.createSerializer().fixedLength()).isEqualTo(-1);
        assertThat(TypeInformation.of(Pending.class).createSerializer().fixedLength()).isEqualTo(1);
    }

    @Test
    void serialize_ofARecordWithNullsOnly_isTheBitmapOnly() {
        DataOutputSerializer out = new DataOutputSerializer();
        TypeInformation.of(new TypeHint<Pair<String, Long>>() {})
                .createSerializer()
                .serialize(new Pair<>(null, null), out);
        assertThat(out.toByteArray()).containsExactly(0);
    }

    @Test
    @SuppressWarnings("NullAway") // does not follow nulls into type arguments
    void createSerializer_ofAGenericRecord_usesItsArguments() {
        TypeInformation<Pair<String, List<Long>>> type = TypeInformation.of(new TypeHint<>() {});
        Pair<String, List<Long>> value = new Pair<>("a", Arrays.asList(1L, null, 3L));

        assertThat(roundTrip(type, value)).isEqualTo(value);
        assertThat(type.schemas())
                .singleElement()
                .satisfies(
                        schema -> {
                            assertThat(schema.name())
                                    .endsWith(
                                            "$Pair<java.lang.String,"
                                                    + " java.util.List<java.lang.Long>>");
                            assertThat(schema.kind()).isEqualTo(TypeSchema.Kind.RECORD);
                            assertThat(schema.fields())
                                    .containsExactly(
                                            new TypeSchema.Field("left", "java.lang.String"),
                                            new TypeSchema.Field(
                                                    "right", "java.util.List<java.lang.Long>"));
                        });
    }

    @Test
    void createSerializer_ofRecursiveTypes_works() {
        Node tree =
                new Node(
                        1,
                        List.of(
                                new Node(2, List.of()),
                                new Node(3, List.of(new Node(4, List.of())))));
        assertThat(roundTrip(TypeInformation.of(Node.class), tree)).isEqualTo(tree);
        Expression sum =
                new Add(
                        new Literal(1),
                        new Multiply(new Literal(2), new Add(new Literal(3), new Literal(4))));
        assertThat(roundTrip(TypeInformation.of(Expression.class), sum)).isEqualTo(sum);
        assertThatThrownBy(
                        () ->
                                TypeInformation.of(new TypeHint<Grow<String>>() {})
                                        .createSerializer())
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("Its type arguments grow with every level");
    }

    @Test
    void serialize_ofAChainDeeperThanTheStack_isExplained() {
        Chain chain = new Chain(0, null);
        for (int i = 1; i < 1_000_000; i++) {
            chain = new Chain(i, chain);
        }
        Chain deep = chain;
        TypeSerializer<Chain> serializer = TypeInformation.of(Chain.class).createSerializer();
        assertThatThrownBy(() -> serializer.serialize(deep, new DataOutputSerializer()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "deeper than the thread's stack reaches. Keep the parts in a list instead"
                                + " of a chain.");
        byte[] bytes = new byte[10_000_000];
        for (int i = 0; i < bytes.length; i += 5) {
            bytes[i] = 1;
        }
        assertThatThrownBy(() -> serializer.deserialize(new DataInputDeserializer(bytes)))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("deeper than the thread's stack reaches");
    }

    @Test
    void createSerializer_ofASealedType_tagsByNameAndBindsItsArguments() {
        TypeInformation<Result<String>> type =
                TypeInformation.of(new TypeHint<Result<String>>() {});
        for (Result<String> result :
                List.of(
                        new Ok<>("done"),
                        new Failed<String>("no seat"),
                        Pending.QUEUED,
                        Pending.RUNNING)) {
            assertThat(roundTrip(type, result)).isEqualTo(result);
        }
        DataOutputSerializer out = new DataOutputSerializer();
        type.createSerializer().serialize(Pending.RUNNING, out);
        assertThat(out.toByteArray())
                .as("third of Failed, Ok, Pending; constant 1")
                .containsExactly(2, 1);
        assertThat(type.schemas().getFirst().fields())
                .extracting(TypeSchema.Field::name)
                .satisfiesExactly(
                        first -> assertThat(first).endsWith("$Failed"),
                        second -> assertThat(second).endsWith("$Ok"),
                        third -> assertThat(third).endsWith("$Pending"));
        assertThatThrownBy(
                        () ->
                                type.createSerializer()
                                        .deserialize(
                                                new DataInputDeserializer(new byte[] {3, 0, 0, 0})))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("found subtype number 3 of")
                .hasMessageContaining("which has 3, before byte 1 of 4.");
    }

    @Test
    void deserialize_ofAnUnknownConstant_isRefused() {
        assertThatThrownBy(
                        () ->
                                TypeInformation.of(Pending.class)
                                        .createSerializer()
                                        .deserialize(new DataInputDeserializer(new byte[] {2})))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("found constant number 2 of")
                .hasMessageContaining("which has 2");
        assertThat(TypeInformation.of(Pending.class).schemas().getFirst().fields())
                .extracting(TypeSchema.Field::name)
                .containsExactly("QUEUED", "RUNNING");
    }

    @Test
    void serialize_ofNull_isExplained() {
        TypeSerializer<Point> serializer = TypeInformation.of(Point.class).createSerializer();
        assertThatThrownBy(() -> serializeNull(serializer))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining(
                        "cannot serialize null as io.aquifer.api.types.RecordSerializerTest$Point");
    }

    @SuppressWarnings("NullAway") // the test's purpose
    private static void serializeNull(TypeSerializer<Point> serializer) {
        serializer.serialize(null, new DataOutputSerializer());
    }

    @Test
    void createSerializer_calledAgain_givesTheSameOne() {
        assertThat(TypeInformation.of(Leg.class).createSerializer())
                .isSameAs(TypeInformation.of(Leg.class).createSerializer());
    }

    @Test
    @SuppressWarnings("NullAway") // does not follow nulls into type arguments
    void arraysOfRecordsAndGenerics_withNulls_roundTrip() {
        @Nullable Leg[] legs = {new Leg("a", "b", 1, null), null};
        assertThat(roundTrip(Types.OBJECT_ARRAY(TypeInformation.of(Leg.class)), legs))
                .isEqualTo(legs);
        TypeInformation<List<String>[]> lists = Types.OBJECT_ARRAY(Types.LIST(Types.STRING));
        assertThat(lists).hasToString("List<String>[]");
        assertThat(lists.createSerializer().fixedLength()).isEqualTo(-1);
        TypeInformation<Optional<int[][]>> grids =
                TypeInformation.of(new TypeHint<Optional<int[][]>>() {});
        int[][] grid = {{1, 2}, {}, {3}};
        assertThat(roundTrip(grids, Optional.of(grid)).orElseThrow()).isDeepEqualTo(grid);
    }

    @Test
    void aMillionElements_roundTrip() {
        List<Long> many = new ArrayList<>();
        for (long i = 0; i < 1_000_000; i++) {
            many.add(i * 31);
        }
        assertThat(roundTrip(Types.LIST(Types.LONG), many)).isEqualTo(many);
        Map<Long, String> map = new HashMap<>();
        many.subList(0, 100_000).forEach(i -> map.put(i, "v" + i));
        assertThat(roundTrip(Types.MAP(Types.LONG, Types.STRING), map)).isEqualTo(map);
    }

    @Test
    void typeInformation_writtenByJavaSerialization_comesBackEqualAndWorks() throws Exception {
        TypeInformation<Map<String, List<Leg>>> type =
                Types.MAP(Types.STRING, Types.LIST(TypeInformation.of(Leg.class)));
        type.createSerializer();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(type);
        Object read =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

        assertThat(read)
                .isEqualTo(type)
                .hasSameHashCodeAs(type)
                .hasToString("Map<String, List<RecordSerializerTest.Leg>>");
        assertThat(((TypeInformation<?>) read).createSerializer()).isNotNull();
    }
}
