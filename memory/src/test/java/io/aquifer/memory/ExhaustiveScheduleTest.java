package io.aquifer.memory;

import static io.aquifer.memory.ScheduledOp.free;
import static io.aquifer.memory.ScheduledOp.freeNetwork;
import static io.aquifer.memory.ScheduledOp.need;
import static io.aquifer.memory.ScheduledOp.needNetwork;
import static io.aquifer.memory.ScheduledOp.offer;
import static io.aquifer.memory.ScheduledOp.receive;
import static io.aquifer.memory.ScheduledOp.send;
import static io.aquifer.memory.ScheduledOp.sendBarrier;
import static io.aquifer.memory.ScheduledOp.work;
import static io.aquifer.memory.ScheduledScenario.managed;
import static io.aquifer.memory.ScheduledScenario.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.ScheduledOp.Align;
import io.aquifer.memory.ScheduledOp.Honesty;
import io.aquifer.memory.ScheduledOp.Kind;
import io.aquifer.memory.ScheduledOp.Resize;
import io.aquifer.memory.ScheduledOp.Try;

import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

/// Every schedule of three tasks and four pages, for scenarios that have each deadlocked somebody.
///
/// Goal: in every schedule, fair or not, every request ends granted, denied with an explanation or
/// with its task; the laws of [ScheduledOracle] hold after every step. Method: [ScheduleExplorer];
/// the number of states and schedules is printed. More scenarios, which take minutes, are explored
/// with `-Daquifer.test.schedules=<count>`.
@DisabledIfSystemProperty(
        named = "aquifer.test.page-mode",
        matches = "portable",
        disabledReason = "schedules do not depend on where pages come from")
class ExhaustiveScheduleTest {
    private static final int WAIT_TICKS = 2;

    static Stream<ScheduledScenario> scenarios() {
        return Stream.of(
                managed(
                        "hold and wait",
                        4,
                        task("a", 0, need(1), need(2), free(3)),
                        task("b", 1, need(2), need(1), free(3)),
                        task("c", 2, need(1), need(1), free(2))),
                managed(
                        "spill for two waiters",
                        4,
                        task("holder", 0, need(4), offer(4), work(1), free(4)),
                        task("b", 1, need(2), free(2)),
                        task("c", 2, need(3), free(3))),
                managed(
                        "two spill for all",
                        4,
                        task("a", 0, need(2), offer(2), need(1)),
                        task("b", 1, need(2), offer(1), need(1)),
                        task("c", 2, new Try(Kind.MANAGED))),
                managed(
                        "stuck in user code",
                        4,
                        task("stuck", 0, need(3), offer(3), work(3), free(3)),
                        task("clean", 1, need(1), offer(1), work(1), free(1)).on(Rung.CLEAN_CACHE),
                        task("c", 2, need(2), free(2))),
                managed(
                                "killed while others wait",
                                4,
                                task("a", 0, need(3), free(3)),
                                task("b", 1, need(2), free(2)),
                                task("c", 2, need(2)))
                        .withKills(1),
                managed(
                        "a guarantee",
                        4,
                        task("a", 0, need(1), need(1), free(2)).guaranteed(1),
                        task("b", 1, need(2), offer(2), need(1), free(3)),
                        task("c", 2, need(2), free(2))),
                managed(
                        "an inner scope",
                        4,
                        task("a", 0, need(3), offer(2), need(1), free(4)).inside(),
                        task("b", 1, need(2), free(2)),
                        task("c", 2, need(1), free(1))),
                managed(
                        "priorities",
                        4,
                        task("low", 0, need(2), need(2), free(4)).priority(-1),
                        task("high", 1, need(2), need(1), free(3)).priority(1),
                        task("usual", 2, need(1), need(2), free(3))),
                managed(
                        "large and small",
                        4,
                        task("large", 0, need(4), free(4)),
                        task("b", 1, need(1), free(1), need(1), free(1), need(1), free(1)),
                        task("c", 2, need(1), free(1), need(1), free(1))),
                managed(
                        "liars",
                        4,
                        task("nothing", 0, need(2), offer(2), work(1), free(2))
                                .giving(Honesty.NOTHING),
                        task("less", 1, need(2), offer(2), work(1), free(2)).giving(Honesty.LESS),
                        task("c", 2, need(2), free(2))),
                managed(
                        "a reclaimer throws",
                        4,
                        task("throws", 0, need(3), offer(3), work(1), free(3))
                                .giving(Honesty.THROWS),
                        task("b", 1, need(2), free(2)),
                        task("c", 2, need(1), need(1), free(2))),
                managed(
                        "ends while it is asked",
                        4,
                        task("a", 0, need(2), offer(2), new Try(Kind.MANAGED)),
                        task("b", 1, need(2), offer(1)),
                        task("c", 2, need(3), free(3))),
                managed(
                        "the budget shrinks and grows",
                        4,
                        task("a", 0, need(2), offer(1), free(2), need(1), free(1)),
                        task("b", 1, need(2), need(1), free(3)),
                        task("operator", 2, new Resize(2), new Resize(4))),
                new ScheduledScenario(
                                "collect",
                                2,
                                2,
                                1,
                                0,
                                List.of(1),
                                0,
                                0,
                                false,
                                List.of(
                                        task("source", 0, send(0), send(0), send(0)),
                                        task(
                                                "sink",
                                                0,
                                                receive(0),
                                                need(2),
                                                receive(0),
                                                free(2),
                                                receive(0)),
                                        task("other", 1, need(2), offer(2), work(1), free(2))))
                        .inJobScopes(),
                new ScheduledScenario(
                        "barriers",
                        1,
                        3,
                        1,
                        0,
                        List.of(1, 1),
                        0,
                        0,
                        false,
                        List.of(
                                task("left", 0, send(0), sendBarrier(0)),
                                task("right", 0, need(1), sendBarrier(1), free(1)),
                                task("join", 0, new Align(0, 1), need(1), free(1)))),
                new ScheduledScenario(
                        "barriers of a slow side",
                        2,
                        2,
                        1,
                        0,
                        List.of(2, 1),
                        0,
                        0,
                        false,
                        List.of(
                                task("left", 0, sendBarrier(0), send(0)),
                                task("right", 0, need(2), work(1), sendBarrier(1), free(2)),
                                task("join", 0, new Align(0, 1), need(2), receive(0), free(2)))),
                new ScheduledScenario(
                        "lending both ways",
                        2,
                        2,
                        1,
                        0,
                        List.of(),
                        0,
                        0,
                        false,
                        List.of(
                                task("a", 0, need(3), offer(2), free(3)),
                                task("b", 1, needNetwork(2), freeNetwork(2)),
                                task("c", 2, need(1), needNetwork(1), free(1), freeNetwork(1)))),
                new ScheduledScenario(
                        "a reserve",
                        1,
                        1,
                        1,
                        2,
                        List.of(),
                        0,
                        0,
                        false,
                        List.of(
                                task("a", 0, need(2), need(1), free(3)),
                                task("b", 1, needNetwork(2), freeNetwork(2)),
                                task("c", 2, need(1), offer(1), work(1), free(1)))),
                new ScheduledScenario(
                        "idle pages of nobody",
                        2,
                        2,
                        0,
                        0,
                        List.of(),
                        0,
                        2,
                        false,
                        List.of(
                                task("a", 0, need(3), free(3)),
                                task("b", 1, need(2), offer(1), free(2)),
                                task("c", 2, needNetwork(1), freeNetwork(1)))),
                new ScheduledScenario(
                        "killed in collect",
                        2,
                        2,
                        1,
                        0,
                        List.of(1),
                        1,
                        0,
                        false,
                        List.of(
                                task("source", 0, send(0), send(0)),
                                task("sink", 0, receive(0), need(2), receive(0)),
                                task("other", 1, need(3), free(3)))));
    }

    static Stream<ScheduledScenario> largerScenarios() {
        return Stream.of(
                managed(
                                "killed from outside",
                                4,
                                task("a", 0, need(3), offer(2), free(3)),
                                task("b", 1, need(2), free(2)),
                                task("c", 2, need(2), free(2)))
                        .withKills(1),
                managed(
                        "guarantees",
                        4,
                        task("a", 0, need(1), need(1), free(2)).guaranteed(1),
                        task("b", 1, need(1), need(2), free(3)).guaranteed(1),
                        task("c", 2, need(2), offer(2), need(1), free(2))),
                managed(
                        "inner scopes",
                        4,
                        task("a", 0, need(2), offer(2), need(1), free(3)).inside(),
                        task("b", 1, need(2), offer(1), need(1), free(3)).inside(),
                        task("c", 2, need(2), free(2))),
                managed(
                        "all spill for all",
                        4,
                        task("a", 0, need(2), offer(2), need(2), free(4)),
                        task("b", 1, need(2), offer(2), need(1), free(3)),
                        task("c", 2, need(1), offer(1), need(1), free(2))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void everySchedule_ofThreeTasksAndFourPages_ends(ScheduledScenario scenario) {
        explore(scenario);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("largerScenarios")
    @EnabledIfSystemProperty(
            named = "aquifer.test.schedules",
            matches = "\\d+",
            disabledReason = "takes minutes")
    void everySchedule_ofLargerScenarios_ends(ScheduledScenario scenario) {
        explore(scenario);
    }

    private static void explore(ScheduledScenario scenario) {
        long start = System.nanoTime();
        ScheduleExplorer.Result result = new ScheduleExplorer(scenario, WAIT_TICKS).explore();

        System.out.printf(
                "%-28s %,9d states, %.3g schedules, %,d runs, %,d ms%n",
                scenario.name(),
                result.states(),
                result.schedules(),
                result.runs(),
                (System.nanoTime() - start) / 1_000_000);
        assertThat(result.schedules()).isGreaterThan(1);
    }
}
