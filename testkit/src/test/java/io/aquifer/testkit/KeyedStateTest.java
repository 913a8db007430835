package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.AggregatingState;
import io.aquifer.api.state.AggregatingStateDescriptor;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ReducingState;
import io.aquifer.api.state.ReducingStateDescriptor;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeHint;
import io.aquifer.api.types.TypeInformation;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Every kind of keyed state against Java's own collections, on both backends.
///
/// Method: each record is a call; the function makes it on its state and emits what it saw, the
/// model makes it on maps.
class KeyedStateTest {
    /// A call.
    ///
    /// @param key whose state
    /// @param user a map's key, or a number
    record Op(String call, String key, int user, String text) {}

    /// Counts characters and texts.
    static final class Lengths implements AggregateFunction<String, List<Integer>, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public List<Integer> createAccumulator() {
            return List.of(0, 0);
        }

        @Override
        public List<Integer> add(String value, List<Integer> accumulator) {
            return List.of(accumulator.get(0) + value.length(), accumulator.get(1) + 1);
        }

        @Override
        public String getResult(List<Integer> accumulator) {
            return accumulator.toString();
        }

        @Override
        public List<Integer> merge(List<Integer> a, List<Integer> b) {
            return List.of(a.get(0) + b.get(0), a.get(1) + b.get(1));
        }
    }

    static final class Caller extends KeyedProcessFunction<String, Op, String> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<String> value;
        private transient ListState<String> list;
        private transient MapState<Integer, String> map;
        private transient ReducingState<Long> reducing;
        private transient AggregatingState<String, String> aggregating;

        @Override
        public void open() {
            value = getRuntimeContext().getState(new ValueStateDescriptor<>("value", String.class));
            list =
                    getRuntimeContext()
                            .getListState(new ListStateDescriptor<>("list", String.class));
            map =
                    getRuntimeContext()
                            .getMapState(
                                    new MapStateDescriptor<>("map", Integer.class, String.class));
            reducing =
                    getRuntimeContext()
                            .getReducingState(
                                    new ReducingStateDescriptor<>("max", Math::max, Long.class));
            aggregating =
                    getRuntimeContext()
                            .getAggregatingState(
                                    new AggregatingStateDescriptor<>(
                                            "lengths",
                                            new Lengths(),
                                            TypeInformation.of(new TypeHint<List<Integer>>() {})));
        }

        @Override
        public void processElement(Op op, Context<String> ctx, Collector<String> out) {
            assertThat(ctx.getCurrentKey()).isEqualTo(op.key());
            out.collect(call(op));
        }

        private String call(Op op) {
            switch (op.call()) {
                case "value" -> {
                    return String.valueOf(value.value());
                }
                case "update" -> value.update(op.text());
                case "clear" -> value.clear();
                case "list" -> {
                    return texts(list.get());
                }
                case "add" -> list.add(op.text());
                case "addAll" -> list.addAll(List.of(op.text(), "", op.key()));
                case "updateList" ->
                        list.update(op.user() % 4 == 0 ? List.of() : List.of(op.text(), "x"));
                case "clearList" -> list.clear();
                case "get" -> {
                    return String.valueOf(map.get(op.user()))
                            + map.contains(op.user())
                            + map.isEmpty();
                }
                case "put" -> map.put(op.user(), op.text());
                case "putAll" -> map.putAll(Map.of(op.user(), op.text(), op.user() + 1, "y"));
                case "remove" -> map.remove(op.user());
                case "keys" -> {
                    return texts(map.keys());
                }
                case "values" -> {
                    return texts(map.values());
                }
                case "entries" -> {
                    return texts(map.entries());
                }
                case "clearMap" -> map.clear();
                case "removeWhileIterating" -> {
                    return removeWhileIterating(op);
                }
                case "removeOthers" -> {
                    return removeOthers(op);
                }
                case "setWhileIterating" -> {
                    for (Map.Entry<Integer, String> entry : map.entries()) {
                        if (entry.getKey() % 2 == op.user() % 2) {
                            entry.setValue(
                                    entry.getValue().length() > 300
                                            ? ""
                                            : entry.getValue() + op.text());
                        }
                    }
                }
                case "max" -> reducing.add((long) op.user());
                case "getMax" -> {
                    return String.valueOf(reducing.get());
                }
                case "clearMax" -> reducing.clear();
                case "aggregate" -> aggregating.add(op.text());
                case "getAggregate" -> {
                    return String.valueOf(aggregating.get());
                }
                case "clearAggregate" -> aggregating.clear();
                default -> throw new IllegalArgumentException(op.call());
            }
            return "";
        }

        /// Removes every third entry by the iterator.
        private String removeWhileIterating(Op op) {
            StringBuilder seen = new StringBuilder();
            Iterator<Map.Entry<Integer, String>> entries = map.entries().iterator();
            while (entries.hasNext()) {
                Map.Entry<Integer, String> entry = entries.next();
                seen.append(entry.getKey()).append(' ');
                if (Math.floorMod(entry.getKey() + op.user(), 3) == 0) {
                    entries.remove();
                }
            }
            return seen.toString();
        }

        /// Removes, by the state itself, an entry that the iteration has not come to yet: it must
        /// not see it.
        private String removeOthers(Op op) {
            StringBuilder seen = new StringBuilder();
            for (Integer key : map.keys()) {
                seen.append(key).append(' ');
                map.remove(key ^ 1);
                assertThat(map.contains(key)).isTrue();
            }
            return seen.append(op.key()).toString();
        }
    }

    private static String texts(Iterable<?> all) {
        List<String> texts = new ArrayList<>();
        all.forEach(one -> texts.add(String.valueOf(one)));
        return texts.toString();
    }

    /// The same calls on Java's collections.
    private static final class Model {
        private final Map<String, String> values = new HashMap<>();
        private final Map<String, List<String>> lists = new HashMap<>();
        private final Map<String, Map<Integer, String>> maps = new HashMap<>();
        private final Map<String, Long> maxima = new HashMap<>();
        private final Map<String, List<String>> added = new HashMap<>();

        String call(Op op) {
            List<String> list = lists.computeIfAbsent(op.key(), ignored -> new ArrayList<>());
            Map<Integer, String> map =
                    maps.computeIfAbsent(op.key(), ignored -> new LinkedHashMap<>());
            List<String> texts = added.computeIfAbsent(op.key(), ignored -> new ArrayList<>());
            switch (op.call()) {
                case "value" -> {
                    return String.valueOf(values.get(op.key()));
                }
                case "update" -> values.put(op.key(), op.text());
                case "clear" -> values.remove(op.key());
                case "list" -> {
                    return list.toString();
                }
                case "add" -> list.add(op.text());
                case "addAll" -> list.addAll(List.of(op.text(), "", op.key()));
                case "updateList" -> {
                    list.clear();
                    list.addAll(op.user() % 4 == 0 ? List.of() : List.of(op.text(), "x"));
                }
                case "clearList" -> list.clear();
                case "get" -> {
                    return String.valueOf(map.get(op.user()))
                            + map.containsKey(op.user())
                            + map.isEmpty();
                }
                case "put" -> map.put(op.user(), op.text());
                case "putAll" -> map.putAll(Map.of(op.user(), op.text(), op.user() + 1, "y"));
                case "remove" -> map.remove(op.user());
                case "keys" -> {
                    return map.keySet().toString();
                }
                case "values" -> {
                    return map.values().toString();
                }
                case "entries" -> {
                    return map.entrySet().toString();
                }
                case "clearMap" -> map.clear();
                case "removeWhileIterating" -> {
                    StringBuilder seen = new StringBuilder();
                    for (Integer key : List.copyOf(map.keySet())) {
                        seen.append(key).append(' ');
                        if (Math.floorMod(key + op.user(), 3) == 0) {
                            map.remove(key);
                        }
                    }
                    return seen.toString();
                }
                case "removeOthers" -> {
                    StringBuilder seen = new StringBuilder();
                    for (Integer key : List.copyOf(map.keySet())) {
                        if (map.containsKey(key)) {
                            seen.append(key).append(' ');
                            map.remove(key ^ 1);
                        }
                    }
                    return seen.append(op.key()).toString();
                }
                case "setWhileIterating" ->
                        map.replaceAll(
                                (key, text) ->
                                        key % 2 != op.user() % 2
                                                ? text
                                                : text.length() > 300 ? "" : text + op.text());
                case "max" -> maxima.merge(op.key(), (long) op.user(), Math::max);
                case "getMax" -> {
                    return String.valueOf(maxima.get(op.key()));
                }
                case "clearMax" -> maxima.remove(op.key());
                case "aggregate" -> texts.add(op.text());
                case "getAggregate" -> {
                    int sum = texts.stream().mapToInt(String::length).sum();
                    return texts.isEmpty() ? "null" : List.of(sum, texts.size()).toString();
                }
                case "clearAggregate" -> texts.clear();
                default -> throw new IllegalArgumentException(op.call());
            }
            return "";
        }
    }

    private static final List<String> CALLS =
            List.of(
                    "value",
                    "value",
                    "update",
                    "update",
                    "clear",
                    "list",
                    "list",
                    "add",
                    "add",
                    "add",
                    "addAll",
                    "updateList",
                    "clearList",
                    "get",
                    "get",
                    "put",
                    "put",
                    "put",
                    "put",
                    "putAll",
                    "remove",
                    "keys",
                    "values",
                    "entries",
                    "removeWhileIterating",
                    "removeOthers",
                    "setWhileIterating",
                    "max",
                    "max",
                    "getMax",
                    "clearMax",
                    "aggregate",
                    "aggregate",
                    "getAggregate",
                    "clearAggregate");

    private static Op op(SplittableRandom random) {
        String call =
                random.nextInt(200) == 0 ? "clearMap" : CALLS.get(random.nextInt(CALLS.size()));
        String key =
                random.nextInt(6) == 0
                        ? ""
                        : "key " + random.nextInt(random.nextBoolean() ? 4 : 200);
        int length = random.nextInt(500) == 0 ? random.nextInt(50_000) : random.nextInt(24);
        return new Op(call, key, random.nextInt(60), "ä".repeat(length % 3) + "t".repeat(length));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource(Cases.BACKENDS_AND_SEEDS)
    void randomCalls_onEveryKindOfState_agreeWithJavasCollections(StateBackend backend, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Model model = new Model();
        try (OperatorHarness<Op, String> harness =
                OperatorHarness.keyed(new Caller(), Op::key, String.class).withBackend(backend)) {
            for (int step = 0; step < 20_000; step++) {
                Op op = op(random);
                harness.processElement(op);
                assertThat(harness.values())
                        .as("step %d: %s", step, op.call())
                        .containsExactly(model.call(op));
                harness.clearOutputs();
                if (step % 1_000 == 0) {
                    assertThat(harness.heldBytes()).isEqualTo(harness.stateBytes());
                }
            }
            assertThat(harness.stateBytes()).isPositive();
        }
    }
}
