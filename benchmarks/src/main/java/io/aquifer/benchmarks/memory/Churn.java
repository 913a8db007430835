package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.ProcessSize;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;
import io.aquifer.benchmarks.Spread;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryStatistics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Pages acquired, written to and released, terabytes of them, by tasks whose sizes wander: does
/// the ledger still tell the truth, and is nothing kept?
///
/// At each sample the tasks stand still, so that the ledger and the kernel are read at the same
/// moment. `error` is abs(RSS - baseline - ledger's resident) as a share of the budget; the
/// baseline is RSS less the ledger's resident after a warm-up whose tasks have ended, and stays.
/// The Java heap is touched completely at the start (by the JVM's flags), so it cannot move.
/// `residentToHeld` is over the samples at which at least an eighth of the budget was held.
final class Churn {
    /// Tasks hold the read lock while they work, the sampler the write lock while it looks.
    private final ReentrantReadWriteLock standStill = new ReentrantReadWriteLock(true);

    private final MemoryManager manager;
    private final long budget;
    private final int threads;
    private final long seed;
    private final ProcessSize size;
    private final SampleFile samples =
            new SampleFile("millis", "acquiredBytes", "heldBytes", "residentBytes", "rssBytes");
    private final List<Double> errors = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private final List<Double> rssRatios = new ArrayList<>();

    private Churn(MemoryManager manager, long budget, int threads, long seed, ProcessSize size) {
        this.manager = manager;
        this.budget = budget;
        this.threads = threads;
        this.seed = seed;
        this.size = size;
    }

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        long gib = arguments.number("gib", 1024);
        long warmUpGib = arguments.number("warm-up-gib", 16);
        long budget = arguments.number("mib", 256) * Budgets.MIB;
        int threads = Math.toIntExact(arguments.number("threads", 4));
        long sampleMillis = arguments.number("sample-millis", 250);
        long seed = arguments.number("seed", 1);
        String file = arguments.text("samples", "");
        arguments.complete();
        try (MemoryManager manager = Budgets.create(budget);
                ProcessSize size = ProcessSize.ofSelf()) {
            Churn churn = new Churn(manager, budget, threads, seed, size);
            churn.run(warmUpGib << 30, sampleMillis, 0);
            System.gc();
            long baseline = size.residentBytes() - manager.managed().residentBytes();
            churn.forgetWarmUp();
            long start = System.nanoTime();
            churn.run(gib << 30, sampleMillis, baseline);
            System.out.println(churn.result(gib << 30, baseline, System.nanoTime() - start));
            if (!file.isEmpty()) {
                churn.samples.write(Path.of(file));
            }
        }
    }

    private void run(long bytes, long sampleMillis, long baseline)
            throws IOException, InterruptedException {
        long pagesEach = bytes / Budgets.PAGE_BYTES / threads;
        int mostLive = (int) (budget / Budgets.PAGE_BYTES / threads);
        List<ChurnTask> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            tasks.add(
                    ChurnTask.start(
                            manager, standStill.readLock(), seed * 31 + i, mostLive, pagesEach));
        }
        long start = System.nanoTime();
        for (boolean working = true; working; ) {
            for (ChurnTask task : tasks) {
                task.await(Math.max(1, sampleMillis / threads));
            }
            standStill.writeLock().lock();
            try {
                working = tasks.stream().anyMatch(ChurnTask::isWorking);
                sample(tasks, start, baseline);
            } finally {
                standStill.writeLock().unlock();
            }
        }
        for (ChurnTask task : tasks) {
            task.close();
        }
    }

    private void sample(List<ChurnTask> tasks, long start, long baseline) throws IOException {
        long acquired =
                tasks.stream().mapToLong(ChurnTask::acquiredPages).sum() * Budgets.PAGE_BYTES;
        MemoryStatistics ledger = manager.statistics();
        long rss = size.residentBytes();
        long held = ledger.managed().heldBytes();
        long resident = ledger.managed().residentBytes();
        samples.add((System.nanoTime() - start) / 1_000_000, acquired, held, resident, rss);
        errors.add(Math.abs(rss - baseline - resident) / (double) budget);
        if (held >= budget / 8) {
            ratios.add(resident / (double) held);
            rssRatios.add((rss - baseline) / (double) resident);
        }
    }

    private void forgetWarmUp() {
        errors.clear();
        ratios.clear();
        rssRatios.clear();
    }

    private ResultLine result(long bytes, long baseline, long nanos) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("acquiredBytes", bytes);
        values.put("seconds", nanos / 1e9);
        values.put("budgetBytes", budget);
        values.put("baselineBytes", baseline);
        values.put("samples", (long) errors.size());
        values.put("errorMax", spread(errors).max());
        values.put("errorMedian", spread(errors).median());
        values.put("errorFinal", errors.getLast());
        if (!ratios.isEmpty()) {
            values.put("rssToLedgerMax", spread(rssRatios).max());
            values.put("rssToLedgerMedian", spread(rssRatios).median());
            values.put("residentToHeldMax", spread(ratios).max());
            values.put("residentToHeldMedian", spread(ratios).median());
            values.put("residentToHeldFinal", ratios.getLast());
        }
        return new ResultLine(values);
    }

    private static Spread spread(List<Double> values) {
        return Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
