package io.aquifer.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Every schedule of a small scenario: depth first, each path executed again from the start, and
/// cut off where it comes to a state that was seen before.
///
/// Besides the invariants of each state it proves that **every** schedule ends, fair or not: the
/// graph of states has no cycle, and a state without a next step is one in which all tasks have
/// ended.
final class ScheduleExplorer {
    private static final int STATES_MAX = 3_000_000;

    /// @param states different states in which there was a choice
    /// @param schedules different sequences of steps
    /// @param runs executions that it took
    record Result(int states, double schedules, int runs) {}

    private final ScheduledScenario scenario;
    private final int waitTicks;
    private final Map<Long, long[]> next = new HashMap<>();
    private final List<Integer> choices = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final List<Long> states = new ArrayList<>();

    ScheduleExplorer(ScheduledScenario scenario, int waitTicks) {
        this.scenario = scenario;
        this.waitTicks = waitTicks;
    }

    private static final class SeenBefore extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SeenBefore() {
            super(null, null, false, false);
        }
    }

    /// Follows the path that was laid out, then always the first step, until a known state.
    private final class Path implements Chooser {
        ScheduledWorld world;
        int depth;

        @Override
        public int choose(int count) {
            if (depth == choices.size()) {
                long state = world.fingerprint();
                link(state);
                if (next.containsKey(state)) {
                    throw new SeenBefore();
                }
                if (next.size() >= STATES_MAX) {
                    throw new AssertionError("more than " + STATES_MAX + " states");
                }
                long[] successors = new long[count];
                Arrays.fill(successors, END);
                next.put(state, successors);
                choices.add(0);
                counts.add(count);
                states.add(state);
            }
            return choices.get(depth++);
        }

        private void link(long state) {
            if (depth > 0) {
                long[] successors = next.get(states.get(depth - 1));
                if (successors != null) {
                    successors[choices.get(depth - 1)] = state;
                }
            }
        }
    }

    private static final long END = 0;

    Result explore() {
        int runs = 0;
        long first = 0;
        do {
            runs++;
            Path path = new Path();
            List<String> trace = null;
            try {
                ScheduledWorld world = new ScheduledWorld(scenario, waitTicks, path, trace);
                path.world = world;
                world.run();
            } catch (SeenBefore cut) {
                // The rest is known.
            } catch (RuntimeException | AssertionError failed) {
                throw ScheduledFailure.of(scenario, waitTicks, List.copyOf(choices), failed);
            }
            if (first == 0 && !states.isEmpty()) {
                first = states.getFirst();
            }
        } while (backtrack());
        return new Result(next.size(), paths(first), runs);
    }

    private boolean backtrack() {
        while (!choices.isEmpty()) {
            int last = choices.size() - 1;
            int choice = choices.get(last) + 1;
            if (choice < counts.get(last)) {
                choices.set(last, choice);
                return true;
            }
            choices.remove(last);
            counts.remove(last);
            states.remove(last);
        }
        return false;
    }

    /// How many ways lead from a state to an end; fails if one leads back to where it was.
    private double paths(long from) {
        Map<Long, Double> done = new HashMap<>();
        Set<Long> open = new HashSet<>();
        Deque<Long> stack = new ArrayDeque<>();
        done.put(END, 1.0);
        stack.push(from);
        while (!stack.isEmpty()) {
            long state = stack.peek();
            long[] successors = next.get(state);
            if (done.containsKey(state) || successors == null) {
                stack.pop();
                continue;
            }
            if (open.add(state)) {
                for (long successor : successors) {
                    if (open.contains(successor) && !done.containsKey(successor)) {
                        throw new AssertionError(scenario + ": a schedule goes on for ever");
                    }
                    if (!done.containsKey(successor)) {
                        stack.push(successor);
                    }
                }
            } else {
                double sum = 0;
                for (long successor : successors) {
                    sum += done.getOrDefault(successor, 0.0);
                }
                done.put(state, sum);
                stack.pop();
            }
        }
        return done.getOrDefault(from, 1.0);
    }
}
