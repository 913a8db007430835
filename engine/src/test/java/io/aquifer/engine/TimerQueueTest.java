package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.TimeDomain;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.operators.TimerHandler;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.TimerTable;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateFileWriter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Timers against a plain sorted map of sets. Handlers register and delete timers while timers
/// fire.
///
/// Goal: every timer that was registered and not deleted fires once, in order of time and of
/// registration, when its clock has reached it.
class TimerQueueTest {
    private final MemoryManager manager =
            MemoryManager.create(new MemoryPlan(16 << 20, 8 << 20, 0, 8 << 20, 0, 0, 0));
    private final MemoryScope memory = manager.openScope("task");
    private final CurrentKey<Long> key =
            new CurrentKey<>(
                    TypeInformation.of(Long.class).createSerializer(),
                    memory,
                    KeyRouting.of(1, 128),
                    128);
    private long now;

    private final List<TimerQueue<?>> queues = new ArrayList<>();

    private TimerQueue<Long> queue(TimerHandler<Long> handler) {
        TimerQueue<Long> queue =
                new TimerQueue<>(
                        key,
                        handler,
                        () -> now,
                        table("event"),
                        table("processing"),
                        Long.MIN_VALUE);
        queues.add(queue);
        return queue;
    }

    private TimerTable table(String name) {
        return TimerTable.open(memory.leasePages(manager.managed(), name), 1);
    }

    @AfterEach
    void everythingComesBack() {
        queues.forEach(TimerQueue::close);
        memory.close();
        assertThat(manager.managed().heldBytes()).isZero();
        manager.close();
    }

    private record Fired(long key, long time, TimeDomain domain) {}

    /// The model: what must fire, by clock.
    private static final class Model {
        private final Map<TimeDomain, TreeMap<Long, Set<Long>>> timers = new HashMap<>();

        Model() {
            for (TimeDomain domain : TimeDomain.values()) {
                timers.put(domain, new TreeMap<>());
            }
        }

        private TreeMap<Long, Set<Long>> of(TimeDomain domain) {
            return timers.getOrDefault(domain, new TreeMap<>());
        }

        void register(TimeDomain domain, long time, long key) {
            of(domain).computeIfAbsent(time, ignored -> new LinkedHashSet<>()).add(key);
        }

        void delete(TimeDomain domain, long time, long key) {
            Set<Long> keys = of(domain).get(time);
            if (keys != null) {
                keys.remove(key);
                if (keys.isEmpty()) {
                    of(domain).remove(time);
                }
            }
        }

        /// Checks that a timer may fire now, as the first of all, and takes it out.
        void fires(Fired fired, long clock) {
            TreeMap<Long, Set<Long>> own = of(fired.domain());
            assertThat(own).as("%s fires", fired).isNotEmpty();
            assertThat(fired.time()).as("%s is the earliest", fired).isEqualTo(own.firstKey());
            assertThat(fired.time()).as("%s is due", fired).isLessThanOrEqualTo(clock);
            assertThat(own.firstEntry().getValue().iterator().next())
                    .as("%s is the first that was registered", fired)
                    .isEqualTo(fired.key());
            delete(fired.domain(), fired.time(), fired.key());
        }

        long next(TimeDomain domain) {
            return of(domain).isEmpty() ? Long.MAX_VALUE : of(domain).firstKey();
        }
    }

    private void set(
            TimerQueue<Long> queue,
            Model model,
            TimeDomain domain,
            long owner,
            long time,
            boolean delete) {
        key.set(owner);
        if (domain == TimeDomain.EVENT_TIME) {
            if (delete) {
                queue.deleteEventTimeTimer(time);
            } else {
                queue.registerEventTimeTimer(time);
            }
        } else if (delete) {
            queue.deleteProcessingTimeTimer(time);
        } else {
            queue.registerProcessingTimeTimer(time);
        }
        if (delete) {
            model.delete(domain, time, owner);
        } else {
            model.register(domain, time, owner);
        }
    }

    /// A queue whose handler changes timers at random, of its own and of other keys.
    private final class Machine implements TimerHandler<Long> {
        final Model model = new Model();
        final TimerQueue<Long> queue = queue(this);
        private final SplittableRandom random;
        private long watermark = Long.MIN_VALUE;
        int fired;

        Machine(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public void onTimer(Long firing, long time, TimeDomain domain) {
            assertThat(key.get()).isEqualTo(firing);
            model.fires(
                    new Fired(firing, time, domain),
                    domain == TimeDomain.EVENT_TIME ? watermark : now);
            fired++;
            if (random.nextInt(3) == 0) {
                change(random.nextInt(4) == 0 ? -random.nextInt(20) : 1 + random.nextInt(60));
            }
        }

        void change(long ahead) {
            TimeDomain domain =
                    random.nextBoolean() ? TimeDomain.EVENT_TIME : TimeDomain.PROCESSING_TIME;
            long base = domain == TimeDomain.PROCESSING_TIME ? now : Math.max(watermark, 0);
            set(queue, model, domain, random.nextInt(7), base + ahead, random.nextInt(3) == 0);
        }

        void step() throws Exception {
            switch (random.nextInt(10)) {
                case 0 -> {
                    watermark = Math.max(watermark, 0) + random.nextInt(25);
                    queue.advanceWatermark(watermark);
                    assertThat(queue.currentWatermark()).isEqualTo(watermark);
                    assertThat(model.next(TimeDomain.EVENT_TIME)).isGreaterThan(watermark);
                }
                case 1 -> {
                    now += random.nextInt(25);
                    assertThat(queue.fireProcessingTime())
                            .isEqualTo(model.next(TimeDomain.PROCESSING_TIME));
                    assertThat(model.next(TimeDomain.PROCESSING_TIME)).isGreaterThan(now);
                }
                default -> change(random.nextInt(60) - 10);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void registerDeleteAndFire_inAnyOrder_agreeWithASortedMap(long seed) throws Exception {
        Machine machine = new Machine(new SplittableRandom(seed));
        for (int step = 0; step < 20_000; step++) {
            machine.step();
        }
        assertThat(machine.fired).isGreaterThan(1_000);
    }

    @Test
    void handlerThatRegistersAPassedTime_firesInTheSameCall() throws Exception {
        List<Long> fired = new ArrayList<>();
        List<TimerQueue<Long>> queue = new ArrayList<>();
        queue.add(
                queue(
                        (owner, time, domain) -> {
                            fired.add(time);
                            if (time == 10) {
                                queue.getFirst().registerEventTimeTimer(3);
                            }
                        }));
        key.set(1L);
        queue.getFirst().registerEventTimeTimer(10);
        queue.getFirst().registerEventTimeTimer(10);
        queue.getFirst().advanceWatermark(10);
        assertThat(fired).containsExactly(10L, 3L);
    }

    @Test
    void timer_withoutACurrentKey_isRefused() {
        TimerQueue<Long> queue = queue((owner, time, domain) -> {});
        assertThatThrownBy(() -> queue.registerEventTimeTimer(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is no current key: state is used outside of a record or timer");
    }

    @Test
    void timersAtTheEndsOfTime_fireAtTheLastWatermark() throws Exception {
        List<Long> fired = new ArrayList<>();
        TimerQueue<Long> queue = queue((owner, time, domain) -> fired.add(time));
        key.set(5L);
        queue.registerEventTimeTimer(Long.MAX_VALUE);
        queue.registerEventTimeTimer(Long.MIN_VALUE);
        queue.advanceWatermark(Long.MAX_VALUE - 1);
        assertThat(fired).containsExactly(Long.MIN_VALUE);
        queue.advanceWatermark(Long.MAX_VALUE);
        assertThat(fired).containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
    }

    @Test
    void savedAndRestored_keepsTheTimersAndLeavesNoKeyBehind(@TempDir Path directory)
            throws Exception {
        TimerQueue<Long> saved = queue((of, time, domain) -> {});
        for (long of = 0; of < 100; of++) {
            key.set(of);
            saved.registerEventTimeTimer(of % 7);
            saved.registerProcessingTimeTimer(of % 5 + 1_000);
        }
        key.setOrNull(null);
        Path file = directory.resolve("timers");
        try (StateFileWriter out =
                new StateFileWriter(
                        FileChannel.open(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        new StateFileHeader("timers", 0, 128, 0, 127))) {
            saved.writeTo(out);
            out.finish();
        }
        assertThat(key.orNull()).as("a key nobody has set").isNull();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(1, 2);
        List<Fired> fired = new ArrayList<>();
        TimerQueue<Long> restored =
                queue((of, time, domain) -> fired.add(new Fired(of, time, domain)));
        try (RestoredState state =
                new RestoredState(
                        env.graph("timers").nodes().getLast(),
                        new SubtaskContext(null, null, null, memory, memory, new Signal()),
                        KeyRouting.of(1, 128),
                        List.of(StateFileReader.open(FileChannel.open(file), "timers")),
                        List.of(),
                        new OwnedKeys<>(
                                TypeInformation.of(Long.class), KeyGroupRange.of(0, 1, 128)))) {
            restored.restore(state);
        }
        assertThat(key.orNull()).as("a key nobody has set").isNull();
        now = 999;
        assertThat(restored.fireProcessingTime()).isEqualTo(1_000);
        restored.advanceWatermark(3);
        assertThat(fired)
                .hasSize(58)
                .allMatch(timer -> timer.time() == timer.key() % 7)
                .isSortedAccordingTo(
                        Comparator.comparingLong(Fired::time).thenComparingLong(Fired::key));
        fired.clear();
        now = 1_004;
        restored.fireProcessingTime();
        assertThat(fired).hasSize(100).allMatch(timer -> timer.time() == timer.key() % 5 + 1_000);
    }
}
