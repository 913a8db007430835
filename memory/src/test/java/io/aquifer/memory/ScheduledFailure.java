package io.aquifer.memory;

import java.util.ArrayList;
import java.util.List;

/// A schedule that broke an invariant, made short and told step by step.
final class ScheduledFailure {
    private static final int ATTEMPTS_MAX = 20_000;

    private ScheduledFailure() {}

    /// The failure with the shortest schedule found that fails as well, and what happens in it.
    static AssertionError of(
            ScheduledScenario scenario, int waitTicks, List<Integer> choices, Throwable failed) {
        List<Integer> shortest = shrink(scenario, waitTicks, choices);
        List<String> trace = new ArrayList<>();
        Throwable again = replay(scenario, waitTicks, shortest, trace);
        return new AssertionError(
                scenario.text()
                        + "\nschedule "
                        + shortest
                        + ", waits of "
                        + waitTicks
                        + " answers:\n"
                        + String.join("\n", trace)
                        + "\n"
                        + (again == null ? failed : again),
                again == null ? failed : again);
    }

    private static Throwable replay(
            ScheduledScenario scenario, int waitTicks, List<Integer> choices, List<String> trace) {
        try {
            new ScheduledWorld(scenario, waitTicks, new Chooser.Replay(choices), trace).run();
            return null;
        } catch (RuntimeException | AssertionError failed) {
            return failed;
        }
    }

    /// Leaves choices out as long as it still fails.
    private static List<Integer> shrink(
            ScheduledScenario scenario, int waitTicks, List<Integer> choices) {
        List<Integer> best = new ArrayList<>(choices);
        int attempts = 0;
        boolean shorter = true;
        while (shorter && attempts < ATTEMPTS_MAX) {
            shorter = false;
            for (int length = Math.max(1, best.size() / 2); length >= 1; length /= 2) {
                for (int from = 0; from + length <= best.size() && attempts < ATTEMPTS_MAX; ) {
                    List<Integer> candidate = new ArrayList<>(best.subList(0, from));
                    candidate.addAll(best.subList(from + length, best.size()));
                    attempts++;
                    if (replay(scenario, waitTicks, candidate, null) != null) {
                        best = candidate;
                        shorter = true;
                    } else {
                        from += length;
                    }
                }
            }
        }
        return best;
    }
}
