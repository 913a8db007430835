package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.JainIndex;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.Spread;
import io.aquifer.memory.MemoryManager;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Sixteen greedy tasks compete for memory under one allocation policy: how even are their shares
/// over time, and how long does a request wait at most?
///
/// Shares are what each task held, read every millisecond and averaged over the whole run.
final class Fairness {
    private Fairness() {}

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        String policy = arguments.text("policy", Budgets.ELASTIC);
        int tasks = Math.toIntExact(arguments.number("tasks", 16));
        long budget = arguments.number("mib", 256) * Budgets.MIB;
        long seconds = arguments.number("seconds", 30);
        long seed = arguments.number("seed", 1);
        arguments.complete();
        try (MemoryManager manager = Budgets.create(budget, 0, policy)) {
            System.out.println(compete(manager, policy, tasks, budget, seconds, seed));
        }
    }

    private static ResultLine compete(
            MemoryManager manager, String policy, int tasks, long budget, long seconds, long seed)
            throws InterruptedException {
        long end = System.nanoTime() + seconds * 1_000_000_000;
        // Half an equal share: a request that every policy can grant.
        int mostPages = (int) (budget / Budgets.PAGE_BYTES / tasks / 2);
        List<GreedyTask> greedy = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            greedy.add(GreedyTask.start(manager, seed * 31 + i, mostPages, end));
        }
        double[] held = new double[tasks];
        long before = System.nanoTime();
        for (long now = before; now < end; now = System.nanoTime()) {
            for (int i = 0; i < tasks; i++) {
                held[i] += (double) greedy.get(i).heldPages() * (now - before);
            }
            before = now;
            LockSupport.parkNanos(1_000_000);
        }
        for (GreedyTask task : greedy) {
            task.close();
        }
        double scale = Budgets.PAGE_BYTES / (seconds * 1e9) / budget;
        double[] shares = new double[tasks];
        for (int i = 0; i < tasks; i++) {
            shares[i] = held[i] * scale;
        }
        Spread spread = Spread.of(shares);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", policy);
        values.put("jain", JainIndex.of(shares));
        values.put("shareMin", spread.min());
        values.put("shareMax", spread.max());
        values.put(
                "longestWaitMillis",
                greedy.stream().mapToLong(GreedyTask::longestWaitNanos).max().orElse(0) / 1e6);
        values.put("granted", greedy.stream().mapToLong(GreedyTask::granted).sum());
        values.put("refusals", greedy.stream().mapToLong(GreedyTask::refusals).sum());
        greedy.stream()
                .map(GreedyTask::refusal)
                .filter(text -> !text.isEmpty())
                .findFirst()
                .ifPresent(text -> values.put("refusal", text));
        return new ResultLine(values);
    }
}
