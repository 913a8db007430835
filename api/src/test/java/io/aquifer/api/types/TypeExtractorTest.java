package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What is known of lambdas, references and classes, and that the rest is unknown instead of wrong.
class TypeExtractorTest {
    private interface Map1<T, R> extends Serializable {
        R map(T value) throws Exception;
    }

    private interface FlatMap1<T, O> extends Serializable {
        void flatMap(T value, Consumer<O> out) throws Exception;
    }

    private interface Fold<IN, ACC, OUT> extends Serializable {
        ACC create();

        ACC add(IN value, ACC accumulator);

        OUT result(ACC accumulator);
    }

    private interface Renamed<A, B> extends Map1<B, A> {}

    private interface ToText<T> extends Map1<T, String> {}

    private record Flight(String from, int km, List<String> tags, Map<String, Long> prices) {
        Flight(String from) {
            this(from, 0, List.of(), Map.of());
        }
    }

    private record Box<T>(T value, List<T> all) {
        static <X> List<X> twice(X value) {
            return List.of(value, value);
        }

        static List<String> split(Object value) {
            return List.of(value.toString());
        }

        static List<String>[] arrays(Object value) {
            throw new IllegalStateException("only its type is asked for: " + value);
        }
    }

    private abstract static class Wrapping<T, X> implements Map1<T, Box<X>> {
        private static final long serialVersionUID = 1L;
    }

    private static final class FlightBoxes extends Wrapping<Flight, List<Integer>> {
        private static final long serialVersionUID = 1L;

        @Override
        public Box<List<Integer>> map(Flight value) {
            return new Box<>(List.of(value.km()), List.of());
        }
    }

    private static final class Identity<T> implements Map1<T, T> {
        private static final long serialVersionUID = 1L;

        @Override
        public T map(T value) {
            return value;
        }
    }

    private static final class Sum implements Fold<Flight, Box<Long>, Double> {
        private static final long serialVersionUID = 1L;

        @Override
        public Box<Long> create() {
            return new Box<>(0L, List.of());
        }

        @Override
        public Box<Long> add(Flight value, Box<Long> accumulator) {
            return accumulator;
        }

        @Override
        public Double result(Box<Long> accumulator) {
            return 0.0;
        }
    }

    private static final class Splitter implements FlatMap1<String, List<String>> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(String value, Consumer<List<String>> out) {}
    }

    private static <T, R> @Nullable String returned(Map1<T, R> function) {
        return text(TypeExtractor.outputOf(function, Map1.class, 1));
    }

    private static <T, R> @Nullable String taken(Map1<T, R> function) {
        return text(TypeExtractor.outputOf(function, Map1.class, 0));
    }

    private static @Nullable String text(@Nullable TypeInformation<?> type) {
        return type == null ? null : type.toString();
    }

    @Test
    void outputOf_lambda_isKnownForPlainClasses() {
        record Local(int a) {}
        int captured = "abc".length();
        assertThat(returned((Flight f) -> f.from())).isEqualTo("String");
        assertThat(returned((Flight f) -> f.km() + captured)).isEqualTo("Integer");
        assertThat(returned((Flight f) -> (long) f.km())).isEqualTo("Long");
        assertThat(returned((String s) -> new Flight(s))).isEqualTo("TypeExtractorTest.Flight");
        assertThat(returned((String s) -> new Local(s.length()))).isEqualTo("Local");
        assertThat(returned((String s) -> new int[] {s.length()})).isEqualTo("int[]");
        assertThat(returned((String s) -> s.split(","))).isEqualTo("String[]");
        assertThat(taken((Flight f) -> f.from())).isEqualTo("TypeExtractorTest.Flight");
    }

    @Test
    void outputOf_lambda_isUnknownWhenItsArgumentsAreErased() {
        assertThat(returned((Flight f) -> f.tags())).isNull();
        assertThat(returned((Flight f) -> new Box<>(f, List.of()))).isNull();
        assertThat(returned((Flight f) -> (Object) f)).isNull();
        assertThat(returned((Flight f) -> new List<?>[] {f.tags()})).isNull();
        assertThat(taken((List<String> l) -> l.size())).isNull();
    }

    private static <X> @Nullable String insideAGenericMethod(X sample) {
        return returned((String s) -> sample);
    }

    @Test
    void outputOf_lambdaOfATypeVariable_isUnknown() {
        assertThat(insideAGenericMethod("a")).isNull();
        assertThat(returned(new Identity<String>())).isNull();
    }

    @Test
    void outputOf_methodReference_takesTheDeclaredReturnType() {
        assertThat(returned(Flight::from)).isEqualTo("String");
        assertThat(returned(Flight::km)).isEqualTo("Integer");
        assertThat(returned(Flight::tags)).isEqualTo("List<String>");
        assertThat(returned(Flight::prices)).isEqualTo("Map<String, Long>");
        assertThat(returned(Box::split)).isEqualTo("List<String>");
        assertThat(returned(Box::arrays)).isEqualTo("List<String>[]");
        assertThat(returned(String::length)).isEqualTo("Integer");
        List<Flight> bound = List.of(new Flight("ZRH"));
        Map1<Integer, Flight> get = bound::get;
        assertThat(returned(get)).isEqualTo("TypeExtractorTest.Flight");
    }

    @Test
    void outputOf_genericMethodReference_isKnownOnlyWhenPlain() {
        assertThat(returned((Map1<String, List<String>>) Box::twice)).isNull();
        assertThat(returned((Map1<Box<String>, String>) Box::value)).isEqualTo("String");
        assertThat(returned((Map1<Box<String>, List<String>>) Box::all)).isNull();
    }

    @Test
    void outputOf_constructorReference_isTheClassUnlessGeneric() {
        assertThat(returned((Map1<String, Flight>) Flight::new))
                .isEqualTo("TypeExtractorTest.Flight");
        assertThat(returned((Map1<Integer, int[]>) int[]::new)).isEqualTo("int[]");
        assertThat(returned((Map1<Integer, List<String>>) ArrayList::new)).isNull();
    }

    @Test
    void outputOf_referenceToASubtype_isWhatTheFunctionSays() {
        assertThat(returned((Map1<Flight, CharSequence>) Flight::from)).isEqualTo("CharSequence");
    }

    @Test
    void outputOf_anonymousClass_isKnownWithArguments() {
        Map1<String, Map<String, List<Flight>>> function =
                new Map1<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public Map<String, List<Flight>> map(String value) {
                        return Map.of(value, List.of());
                    }
                };
        assertThat(returned(function)).isEqualTo("Map<String, List<TypeExtractorTest.Flight>>");
    }

    @Test
    void outputOf_genericSuperclass_isResolvedThroughTheHierarchy() {
        assertThat(returned(new FlightBoxes())).isEqualTo("TypeExtractorTest.Box<List<Integer>>");
        assertThat(taken(new FlightBoxes())).isEqualTo("TypeExtractorTest.Flight");
        Renamed<Long, String> renamed = s -> (long) s.length();
        assertThat(returned(renamed)).isEqualTo("Long");
        assertThat(text(TypeExtractor.outputOf(renamed, Renamed.class, 0))).isEqualTo("Long");
        ToText<Flight> toText = f -> f.from();
        assertThat(returned(toText)).isEqualTo("String");
    }

    @Test
    void outputOf_functionsOfSeveralMethods_isKnownForEveryParameter() {
        assertThat(text(TypeExtractor.outputOf(new Sum(), Fold.class, 0)))
                .isEqualTo("TypeExtractorTest.Flight");
        assertThat(text(TypeExtractor.outputOf(new Sum(), Fold.class, 1)))
                .isEqualTo("TypeExtractorTest.Box<Long>");
        assertThat(text(TypeExtractor.outputOf(new Sum(), Fold.class, 2))).isEqualTo("Double");
    }

    @Test
    void outputOf_whatOnlyACollectorCarries_isKnownFromClassesOnly() {
        FlatMap1<String, Integer> lambda = (s, out) -> out.accept(s.length());
        assertThat(TypeExtractor.outputOf(lambda, FlatMap1.class, 1)).isNull();
        assertThat(text(TypeExtractor.outputOf(lambda, FlatMap1.class, 0))).isEqualTo("String");
        assertThat(text(TypeExtractor.outputOf(new Splitter(), FlatMap1.class, 1)))
                .isEqualTo("List<String>");
    }

    @Test
    void outputOf_wrongQuestions_areRefused() {
        assertThatThrownBy(() -> TypeExtractor.outputOf("text", Map1.class, 1))
                .hasMessage("java.lang.String does not implement " + Map1.class.getName());
        assertThatThrownBy(() -> TypeExtractor.outputOf(new Sum(), Fold.class, 3))
                .hasMessage(Fold.class.getName() + " has 3 type parameters, none has index 3");
    }
}
