package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.OutputTag;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ReducingState;
import io.aquifer.api.state.ReducingStateDescriptor;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.StateTtlConfig;
import io.aquifer.api.state.StateTtlConfig.StateVisibility;
import io.aquifer.api.state.StateTtlConfig.UpdateType;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/// States with a time to live on both backends, by a clock that jumps forward and back, against
/// plain collections of stamped values.
class StateTtlTest {
    private static final long TTL = 100;

    private enum Act {
        SET,
        VALUE,
        REDUCE,
        REDUCED,
        ADD,
        LIST,
        REPLACE,
        PUT,
        GET,
        CONTAINS,
        ENTRIES,
        REMOVE_ODD,
        IS_EMPTY,
        CLEAR
    }

    private record Step(long key, Act act, long argument) {}

    /// Does as it is told, and says what it saw.
    private static final class Doing extends KeyedProcessFunction<Long, Step, String> {
        private static final long serialVersionUID = 1L;

        private final long ttlMillis;
        private final UpdateType updateType;
        private final StateVisibility visibility;
        private transient ValueState<Long> value;
        private transient ReducingState<Long> sum;
        private transient ListState<Long> list;
        private transient MapState<Long, Long> map;

        Doing(long ttlMillis, UpdateType updateType, StateVisibility visibility) {
            this.ttlMillis = ttlMillis;
            this.updateType = updateType;
            this.visibility = visibility;
        }

        @Override
        public void open() {
            StateTtlConfig ttl =
                    StateTtlConfig.newBuilder(Duration.ofMillis(ttlMillis))
                            .setUpdateType(updateType)
                            .setStateVisibility(visibility)
                            .build();
            var context = getRuntimeContext();
            value =
                    context.getState(
                            new ValueStateDescriptor<>("value", Long.class).withTimeToLive(ttl));
            ReduceFunction<Long> add = Long::sum;
            sum =
                    context.getReducingState(
                            new ReducingStateDescriptor<>("sum", add, Long.class)
                                    .withTimeToLive(ttl));
            list =
                    context.getListState(
                            new ListStateDescriptor<>("list", Long.class).withTimeToLive(ttl));
            map =
                    context.getMapState(
                            new MapStateDescriptor<>("map", Long.class, Long.class)
                                    .withTimeToLive(ttl));
        }

        @Override
        public void processElement(Step step, Context<Long> ctx, Collector<String> out)
                throws Exception {
            out.collect(String.valueOf(seen(step)));
        }

        private @Nullable Object seen(Step step) throws Exception {
            long argument = step.argument();
            return switch (step.act()) {
                case SET -> done(() -> value.update(argument == 0 ? null : argument));
                case VALUE -> value.value();
                case REDUCE -> done(() -> sum.add(argument));
                case REDUCED -> sum.get();
                case ADD -> done(() -> list.add(argument));
                case LIST -> all(list.get());
                case REPLACE -> done(() -> list.update(List.of(argument, argument + 1)));
                case PUT -> done(() -> map.put(argument % 5, argument));
                case GET -> map.get(argument % 5);
                case CONTAINS -> map.contains(argument % 5);
                case ENTRIES -> entries(map.entries());
                case REMOVE_ODD -> done(this::removeOdd);
                case IS_EMPTY -> map.isEmpty();
                case CLEAR ->
                        done(
                                () -> {
                                    value.clear();
                                    sum.clear();
                                    list.clear();
                                    map.clear();
                                });
            };
        }

        private interface Doable {
            void run() throws Exception;
        }

        private static String done(Doable what) throws Exception {
            what.run();
            return "done";
        }

        private static List<Long> all(Iterable<Long> elements) {
            List<Long> all = new ArrayList<>();
            elements.forEach(all::add);
            return all;
        }

        private static Map<Long, Long> entries(Iterable<Map.Entry<Long, Long>> entries) {
            Map<Long, Long> sorted = new TreeMap<>();
            entries.forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
            return sorted;
        }

        private void removeOdd() {
            for (Iterator<Long> values = map.values().iterator(); values.hasNext(); ) {
                if (values.next() % 2 != 0) {
                    values.remove();
                }
            }
        }
    }

    private record Stamped(long at, long value) {}

    /// What must be seen, when expired values never are.
    private static final class Model {
        private final boolean renewing;
        private final long ttl;
        private @Nullable Stamped value;
        private @Nullable Stamped sum;
        private List<Stamped> list = new ArrayList<>();
        private final TreeMap<Long, Stamped> map = new TreeMap<>();
        private long now;

        Model(boolean renewing, long ttl) {
            this.renewing = renewing;
            this.ttl = ttl;
        }

        private @Nullable Stamped alive(@Nullable Stamped stored) {
            boolean alive =
                    stored != null
                            && BigInteger.valueOf(stored.at())
                                            .add(BigInteger.valueOf(ttl))
                                            .compareTo(BigInteger.valueOf(now))
                                    > 0;
            if (!alive) {
                return null;
            }
            return renewing ? new Stamped(now, stored.value()) : stored;
        }

        private static @Nullable Long valueOf(@Nullable Stamped stored) {
            return stored == null ? null : stored.value();
        }

        private void touchList() {
            list.replaceAll(this::keep);
            list.removeIf(stored -> stored.at() == Long.MIN_VALUE);
        }

        private Stamped keep(Stamped stored) {
            Stamped alive = alive(stored);
            return alive == null ? new Stamped(Long.MIN_VALUE, 0) : alive;
        }

        private void touchMap() {
            map.replaceAll((key, stored) -> keep(stored));
            map.values().removeIf(stored -> stored.at() == Long.MIN_VALUE);
        }

        @Nullable Object seen(Step step, long clock) {
            now = clock;
            long argument = step.argument();
            switch (step.act()) {
                case SET -> value = argument == 0 ? null : new Stamped(now, argument);
                case VALUE -> {
                    value = alive(value);
                    return valueOf(value);
                }
                case REDUCE -> {
                    Long before = valueOf(alive(sum));
                    sum = new Stamped(now, before == null ? argument : before + argument);
                }
                case REDUCED -> {
                    sum = alive(sum);
                    return valueOf(sum);
                }
                case ADD -> list.add(new Stamped(now, argument));
                case LIST -> {
                    if (renewing || (!list.isEmpty() && alive(list.getFirst()) == null)) {
                        touchList();
                    }
                    return list.stream()
                            .filter(stored -> alive(stored) != null)
                            .map(Stamped::value)
                            .toList();
                }
                case REPLACE ->
                        list =
                                new ArrayList<>(
                                        List.of(
                                                new Stamped(now, argument),
                                                new Stamped(now, argument + 1)));
                case PUT -> map.put(argument % 5, new Stamped(now, argument));
                case GET -> {
                    return valueOf(touch(argument % 5));
                }
                case CONTAINS -> {
                    return touch(argument % 5) != null;
                }
                case ENTRIES -> {
                    touchMap();
                    Map<Long, Long> all = new TreeMap<>();
                    map.forEach((key, stored) -> all.put(key, stored.value()));
                    return all;
                }
                case REMOVE_ODD -> {
                    touchMap();
                    map.values().removeIf(stored -> stored.value() % 2 != 0);
                }
                case IS_EMPTY -> {
                    return map.values().stream().allMatch(stored -> alive(stored) == null);
                }
                case CLEAR -> {
                    value = null;
                    sum = null;
                    list.clear();
                    map.clear();
                }
            }
            return "done";
        }

        private @Nullable Stamped touch(long key) {
            Stamped alive = alive(map.get(key));
            if (alive == null) {
                map.remove(key);
            } else {
                map.put(key, alive);
            }
            return alive;
        }
    }

    private final List<Object> seen = new ArrayList<>();
    private long now;

    private HostedOperator open(StateBackend backend, Doing doing) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setStateBackend(backend);
        env.fromData(new Step(1, Act.VALUE, 1))
                .keyBy(Step::key, TypeInformation.of(Long.class))
                .process(doing)
                .returns(String.class);
        JobGraph graph = env.graph("ttl");
        return HostedOperator.open(
                graph,
                () -> now,
                new HostedOperator.Receiver() {
                    @Override
                    public void record(Object value, long timestamp) {
                        seen.add(value);
                    }

                    @Override
                    public void sideRecord(OutputTag<?> tag, Object value, long timestamp) {}

                    @Override
                    public void watermark(long watermark) {}
                });
    }

    private String ask(HostedOperator operator, Step step) {
        seen.clear();
        operator.processElement(step, 0);
        assertThat(seen).hasSize(1);
        return seen.getFirst().toString();
    }

    static Stream<StateBackend> backends() {
        return Stream.of(new ManagedStateBackend(), new HashMapStateBackend());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backends")
    void randomSteps_byAClockThatJumps_seeWhatTheModelSees(StateBackend backend) {
        for (UpdateType updateType : UpdateType.values()) {
            for (long seed = 1; seed <= 3; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                boolean renewing = updateType == UpdateType.OnReadAndWrite;
                Map<Long, Model> models = new TreeMap<>();
                int expired = 0;
                now = 1_000;
                try (HostedOperator operator =
                        open(
                                backend,
                                new Doing(TTL, updateType, StateVisibility.NeverReturnExpired))) {
                    for (int i = 0; i < 10_000; i++) {
                        now +=
                                random.nextInt(40) == 0
                                        ? random.nextInt(-150, 300)
                                        : random.nextInt(6);
                        Step step =
                                new Step(
                                        random.nextInt(5),
                                        Act.values()[
                                                random.nextInt(
                                                        random.nextInt(50) == 0
                                                                ? Act.values().length
                                                                : Act.values().length - 1)],
                                        random.nextInt(1_000));
                        Model model =
                                models.computeIfAbsent(step.key(), key -> new Model(renewing, TTL));
                        boolean had = model.value != null;
                        String expected = String.valueOf(model.seen(step, now));
                        expired +=
                                step.act() == Act.VALUE && had && expected.equals("null") ? 1 : 0;
                        assertThat(ask(operator, step))
                                .as("seed %d, step %d, %s, %s", seed, i, updateType, step)
                                .isEqualTo(expected);
                    }
                }
                assertThat(expired).isGreaterThan(20);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backends")
    void timesAtTheEndsOfTheClock_neitherOverflowNorExpireEarly(StateBackend backend) {
        Doing forEver =
                new Doing(
                        Long.MAX_VALUE,
                        UpdateType.OnCreateAndWrite,
                        StateVisibility.NeverReturnExpired);
        try (HostedOperator operator = open(backend, forEver)) {
            now = 5;
            ask(operator, new Step(1, Act.SET, 7));
            now = Long.MAX_VALUE;
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("7");
        }
        Doing brief =
                new Doing(TTL, UpdateType.OnCreateAndWrite, StateVisibility.NeverReturnExpired);
        try (HostedOperator operator = open(backend, brief)) {
            now = Long.MAX_VALUE - 10;
            ask(operator, new Step(1, Act.SET, 7));
            now = Long.MAX_VALUE;
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("7");
            now = Long.MIN_VALUE;
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("7");
            ask(operator, new Step(1, Act.SET, 8));
            now = Long.MIN_VALUE + TTL - 1;
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("8");
            now++;
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("null");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backends")
    void expiredButVisible_isSeenUntilItIsDropped(StateBackend backend) {
        Doing showing =
                new Doing(
                        TTL,
                        UpdateType.OnCreateAndWrite,
                        StateVisibility.ReturnExpiredIfNotCleanedUp);
        try (HostedOperator operator = open(backend, showing)) {
            now = 0;
            ask(operator, new Step(1, Act.SET, 7));
            ask(operator, new Step(1, Act.ADD, 3));
            ask(operator, new Step(1, Act.PUT, 4));
            now = TTL;
            ask(operator, new Step(1, Act.ADD, 5));
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("7");
            assertThat(ask(operator, new Step(1, Act.VALUE, 0))).isEqualTo("null");
            assertThat(ask(operator, new Step(1, Act.LIST, 0))).isEqualTo("[3, 5]");
            assertThat(ask(operator, new Step(1, Act.LIST, 0))).isEqualTo("[5]");
            assertThat(ask(operator, new Step(1, Act.ENTRIES, 0))).isEqualTo("{4=4}");
            assertThat(ask(operator, new Step(1, Act.GET, 4))).isEqualTo("4");
            assertThat(ask(operator, new Step(1, Act.GET, 4))).isEqualTo("null");
        }
    }

    @Test
    void expiredEntries_areDroppedByReads() {
        Doing brief =
                new Doing(TTL, UpdateType.OnCreateAndWrite, StateVisibility.NeverReturnExpired);
        try (HostedOperator operator = open(new ManagedStateBackend(), brief)) {
            now = 0;
            long empty = operator.stateBytes();
            for (long key = 0; key < 50_000; key++) {
                ask(operator, new Step(key, Act.SET, 1));
                ask(operator, new Step(key, Act.PUT, 1));
                ask(operator, new Step(key, Act.ADD, 1));
            }
            assertThat(operator.stateBytes() - empty).isGreaterThan(4 << 20);
            now = TTL;
            for (long key = 0; key < 50_000; key++) {
                ask(operator, new Step(key, Act.VALUE, 0));
                ask(operator, new Step(key, Act.ENTRIES, 0));
                ask(operator, new Step(key, Act.LIST, 0));
            }
            assertThat(operator.stateBytes() - empty).isLessThan(512 << 10);
        }
    }

    @Test
    void timeToLive_belowAMillisecond_isRefused() {
        assertThatThrownBy(() -> StateTtlConfig.newBuilder(Duration.ofNanos(999_999)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a state's time to live is at least 1 ms, got PT0.000999999S");
        StateTtlConfig config = StateTtlConfig.newBuilder(Duration.ofDays(1)).build();
        assertThat(config.updateType()).isEqualTo(UpdateType.OnCreateAndWrite);
        assertThat(config.stateVisibility()).isEqualTo(StateVisibility.NeverReturnExpired);
        assertThat(
                        StateTtlConfig.newBuilder(Duration.ofDays(1))
                                .updateTtlOnReadAndWrite()
                                .returnExpiredIfNotCleanedUp()
                                .build())
                .isEqualTo(
                        new StateTtlConfig(
                                Duration.ofDays(1),
                                UpdateType.OnReadAndWrite,
                                StateVisibility.ReturnExpiredIfNotCleanedUp));
    }
}
