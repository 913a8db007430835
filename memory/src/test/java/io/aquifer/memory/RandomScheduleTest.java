package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

import java.util.SplittableRandom;

/// Random schedules of random scenarios ([RandomScenario]), with the laws of [ScheduledOracle]
/// after each step.
///
/// Goal: every request ends granted, denied with an explanation or with its task, in scenarios too
/// large to try all schedules. Method: scenario and schedule come from one seed; a schedule that
/// fails is made shorter and told step by step. Replay one with `-Daquifer.test.seed=<seed>`; run
/// more with `-Daquifer.test.schedules=<count>`.
@DisabledIfSystemProperty(
        named = "aquifer.test.page-mode",
        matches = "portable",
        disabledReason = "schedules do not depend on where pages come from")
class RandomScheduleTest {
    private static final int SCHEDULES = 10_000;
    private static final int WAIT_TICKS_MAX = 30;

    @Test
    void anySchedule_ofAnyScenario_ends() {
        Long replayed = Long.getLong("aquifer.test.seed");
        int count = replayed != null ? 1 : Integer.getInteger("aquifer.test.schedules", SCHEDULES);
        long first = replayed != null ? replayed : System.nanoTime();
        System.out.printf("%,d schedules from seed %d%n", count, first);
        long steps = 0;
        int waits = 0;
        int ended = 0;
        for (int i = 0; i < count; i++) {
            ScheduledWorld world = run(first + i);
            steps += world.steps();
            waits += world.waits();
            ended += world.failures();
        }
        System.out.printf(
                "%,d steps; %,d requests waited, %,d tasks failed%n", steps, waits, ended);
        assertThat(steps).isGreaterThan(count);
        assertThat(replayed != null || waits > count / 10).as("memory was scarce").isTrue();
    }

    private static ScheduledWorld run(long seed) {
        ScheduledScenario scenario = RandomScenario.of(seed);
        SplittableRandom random = new SplittableRandom(~seed);
        int waitTicks = 2 + random.nextInt(WAIT_TICKS_MAX - 1);
        Chooser.Random chooser = new Chooser.Random(random.nextLong());
        try {
            ScheduledWorld world = new ScheduledWorld(scenario, waitTicks, chooser, null);
            world.run();
            return world;
        } catch (RuntimeException | AssertionError failed) {
            throw ScheduledFailure.of(scenario, waitTicks, chooser.chosen(), failed);
        }
    }
}
