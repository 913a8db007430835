package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What a user reads who puts a type without a serializer somewhere.
class UnsupportedTypeTest {
    private record Flight(long id, Object extra) {}

    private record Trip(List<Map<String, Flight>> flights) {}

    private record Raw(@SuppressWarnings("rawtypes") List tags) {}

    private record Wild(List<? extends Number> numbers) {}

    private record Box<T>(T value) {}

    private record Holder(Comparator<String> order) {}

    private sealed interface Shape {}

    private record Circle(double radius) implements Shape {}

    private non-sealed interface Free extends Shape {}

    private record Drawing(Shape shape) {}

    private static final String REMEDY =
            " Make it a record or a sealed interface of records; if it is a function's output, say"
                    + " the type with .returns(new TypeHint<...>() {}).";

    private static void assertRefused(TypeInformation<?> type, String message) {
        assertThatThrownBy(type::createSerializer)
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(message);
        assertThatThrownBy(type::createSerializer)
                .as("a second time")
                .isInstanceOf(UnsupportedTypeException.class);
    }

    @Test
    void createSerializer_ofObject_namesThePath() {
        String reason =
                "java.lang.Object. It is a class of the JDK that is not among the supported ones."
                        + REMEDY;
        assertRefused(TypeInformation.of(Object.class), "no serializer for " + reason);
        assertRefused(
                TypeInformation.of(Flight.class), "no serializer for Flight.extra: " + reason);
        assertRefused(
                TypeInformation.of(Trip.class),
                "no serializer for Trip.flights[]{value}.extra: " + reason);
    }

    @Test
    void createSerializer_ofThread_isRefused() {
        assertRefused(
                TypeInformation.of(Thread.class),
                "no serializer for java.lang.Thread. It is a class of the JDK that is not among the"
                        + " supported ones."
                        + REMEDY);
    }

    @Test
    void createSerializer_ofAnOpenInterface_isRefused() {
        assertRefused(
                TypeInformation.of(Holder.class),
                "no serializer for Holder.order: java.util.Comparator<java.lang.String>. It is an"
                        + " interface that is not sealed: its values may be of any class."
                        + REMEDY);
    }

    @Test
    void createSerializer_ofARawType_asksForItsArguments() {
        assertRefused(
                TypeInformation.of(Raw.class),
                "no serializer for Raw.tags: java.util.List. It is raw: give its type argument, as"
                        + " in List<String>."
                        + REMEDY);
        assertRefused(
                TypeInformation.of(Map.class),
                "no serializer for java.util.Map. It is raw: give its type arguments, as in"
                        + " Map<String, String>."
                        + REMEDY);
        assertRefused(
                TypeInformation.of(Box.class),
                "no serializer for io.aquifer.api.types.UnsupportedTypeTest$Box. It is raw: give"
                        + " its type argument, as in Box<String>."
                        + REMEDY);
    }

    @Test
    void createSerializer_ofAWildcard_isRefused() {
        assertRefused(
                TypeInformation.of(Wild.class),
                "no serializer for Wild.numbers[]: ? extends java.lang.Number. It is a wildcard:"
                        + " write the type it stands for."
                        + REMEDY);
    }

    @Test
    void createSerializer_ofASealedTypeWithAnOpenSubtype_namesIt() {
        assertRefused(
                TypeInformation.of(Drawing.class),
                "no serializer for Drawing.shape: io.aquifer.api.types.UnsupportedTypeTest$Shape."
                    + " Its permitted subclass io.aquifer.api.types.UnsupportedTypeTest$Free may"
                    + " have subclasses of its own. Make that a record, or final, or a sealed"
                    + " interface.");
    }

    private static <T> TypeHint<List<T>> hintOfAVariable() {
        return new TypeHint<>() {};
    }

    @Test
    void typeHint_ofAVariable_isRefusedAtOnce() {
        assertThatThrownBy(UnsupportedTypeTest::<String>hintOfAVariable)
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(
                        "TypeHint<List<T>> holds a type variable, which is not known at run time."
                            + " Write the actual type, such as new TypeHint<List<String>>() {}, or"
                            + " pass the TypeInformation in from the caller.");
    }

    @SuppressWarnings("rawtypes")
    private static final class RawHint extends TypeHint {}

    @Test
    void typeHint_withoutAType_isRefusedAtOnce() {
        assertThatThrownBy(RawHint::new)
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageEndingWith(
                        "RawHint says no type. Write the type in an anonymous class: new"
                                + " TypeHint<List<String>>() {}");
    }

    @Test
    void typeInformation_isEqualByType_andPrintsAsSource() {
        TypeInformation<Map<String, List<long[]>>> hinted =
                TypeInformation.of(new TypeHint<Map<String, List<long[]>>>() {});

        assertThat(hinted)
                .isEqualTo(Types.MAP(Types.STRING, Types.LIST(Types.LONG_ARRAY)))
                .hasSameHashCodeAs(Types.MAP(Types.STRING, Types.LIST(Types.LONG_ARRAY)))
                .isNotEqualTo(Types.MAP(Types.STRING, Types.LIST(Types.INT_ARRAY)))
                .hasToString("Map<String, List<long[]>>");
        assertThat(hinted.rawClass()).isEqualTo(Map.class);
        assertThat(TypeInformation.ofType(hinted.type())).isEqualTo(hinted);
        assertThat(TypeInformation.of(int.class)).isEqualTo(Types.INT);
        assertThat(TypeInformation.of(Map.Entry.class)).hasToString("Map.Entry");
        assertThat(new TypeHint<List<String>>() {})
                .isEqualTo(new TypeHint<List<String>>() {})
                .hasToString("TypeHint<List<String>>");
    }
}
