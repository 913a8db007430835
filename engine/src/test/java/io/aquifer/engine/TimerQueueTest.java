package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.functions.TimeDomain;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.operators.TimerHandler;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Timers against a plain sorted map of sets. Handlers register and delete timers while timers
/// fire.
///
/// Goal: every timer that was registered and not deleted fires once, in order of time, when its
/// clock has reached it.
class TimerQueueTest {
    private final CurrentKey<Long> key =
            new CurrentKey<>(TypeInformation.of(Long.class).createSerializer());
    private long now;

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
            of(domain).computeIfAbsent(time, ignored -> new HashSet<>()).add(key);
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
            assertThat(own.firstEntry().getValue())
                    .as("%s is registered", fired)
                    .contains(fired.key());
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
        final TimerQueue<Long> queue = new TimerQueue<>(key, this, () -> now, Long.MIN_VALUE);
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
                new TimerQueue<>(
                        key,
                        (owner, time, domain) -> {
                            fired.add(time);
                            if (time == 10) {
                                queue.getFirst().registerEventTimeTimer(3);
                            }
                        },
                        () -> now, Long.MIN_VALUE));
        key.set(1L);
        queue.getFirst().registerEventTimeTimer(10);
        queue.getFirst().registerEventTimeTimer(10);
        queue.getFirst().advanceWatermark(10);
        assertThat(fired).containsExactly(10L, 3L);
    }

    @Test
    void timer_withoutACurrentKey_isRefused() {
        TimerQueue<Long> queue = new TimerQueue<>(key, (owner, time, domain) -> {}, () -> now, Long.MIN_VALUE);
        assertThatThrownBy(() -> queue.registerEventTimeTimer(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is no current key: state is used outside of a record or timer");
    }

    @Test
    void timersAtTheEndsOfTime_fireAtTheLastWatermark() throws Exception {
        List<Long> fired = new ArrayList<>();
        TimerQueue<Long> queue =
                new TimerQueue<>(key, (owner, time, domain) -> fired.add(time), () -> now, Long.MIN_VALUE);
        key.set(5L);
        queue.registerEventTimeTimer(Long.MAX_VALUE);
        queue.registerEventTimeTimer(Long.MIN_VALUE);
        queue.advanceWatermark(Long.MAX_VALUE - 1);
        assertThat(fired).containsExactly(Long.MIN_VALUE);
        queue.advanceWatermark(Long.MAX_VALUE);
        assertThat(fired).containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
    }
}
