package io.aquifer.memory;

import java.util.ArrayList;
import java.util.List;

/// What a [ScheduledWorld] starts with.
///
/// @param managed pages of the managed pool at the start
/// @param network pages of the network pool
/// @param networkMin what the network pool keeps
/// @param reserve pages of the reserve
/// @param channels the capacity of each channel, in items
/// @param kills how many tasks the schedule may kill from outside
/// @param sharedIdle network pages held idle by nobody's thread, for any thread to free
/// @param jobScopes whether the tasks of a job, and its channels, are in a scope of the job
record ScheduledScenario(
        String name,
        int managed,
        int network,
        int networkMin,
        int reserve,
        List<Integer> channels,
        int kills,
        int sharedIdle,
        boolean jobScopes,
        List<TaskPlan> tasks) {

    /// @param job tasks of one job end together
    /// @param guaranteed managed pages that it may always hold
    /// @param inner whether its leases are in a scope inside the one that its thread is in
    record TaskPlan(
            String name,
            int job,
            int priority,
            int guaranteed,
            boolean inner,
            Rung rung,
            ScheduledOp.Honesty honesty,
            List<ScheduledOp> program) {

        TaskPlan guaranteed(int pages) {
            return new TaskPlan(name, job, priority, pages, inner, rung, honesty, program);
        }

        TaskPlan priority(int newPriority) {
            return new TaskPlan(name, job, newPriority, guaranteed, inner, rung, honesty, program);
        }

        TaskPlan inside() {
            return new TaskPlan(name, job, priority, guaranteed, true, rung, honesty, program);
        }

        TaskPlan giving(ScheduledOp.Honesty newHonesty) {
            return new TaskPlan(name, job, priority, guaranteed, inner, rung, newHonesty, program);
        }

        TaskPlan on(Rung newRung) {
            return new TaskPlan(name, job, priority, guaranteed, inner, newRung, honesty, program);
        }
    }

    /// A task of a job of its own, or of the job with that number.
    static TaskPlan task(String name, int job, ScheduledOp... program) {
        return new TaskPlan(
                name, job, 0, 0, false, Rung.SPILL, ScheduledOp.Honesty.EXACT, List.of(program));
    }

    static ScheduledScenario managed(String name, int pages, TaskPlan... tasks) {
        return new ScheduledScenario(name, pages, 0, 0, 0, List.of(), 0, 0, false, List.of(tasks));
    }

    ScheduledScenario withKills(int newKills) {
        return new ScheduledScenario(
                name,
                managed,
                network,
                networkMin,
                reserve,
                channels,
                newKills,
                sharedIdle,
                jobScopes,
                tasks);
    }

    ScheduledScenario inJobScopes() {
        return new ScheduledScenario(
                name + ", in job scopes",
                managed,
                network,
                networkMin,
                reserve,
                channels,
                kills,
                sharedIdle,
                true,
                tasks);
    }

    int pages() {
        return managed + network + reserve;
    }

    @Override
    public String toString() {
        return name;
    }

    /// The scenario with its programs, for a failure's message.
    String text() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s: managed %d, network %d (min %d), reserve %d, channels %s, shared idle %d%s"
                        .formatted(
                                name,
                                managed,
                                network,
                                networkMin,
                                reserve,
                                channels,
                                sharedIdle,
                                jobScopes ? ", job scopes" : ""));
        for (TaskPlan task : tasks) {
            lines.add("  " + task);
        }
        return String.join("\n", lines);
    }
}
