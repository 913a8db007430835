package io.aquifer.engine;

import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Adds up what the subtasks of a job have counted. Any thread.
final class JobMetrics {
    private static final long WINDOW_NANOS = 500_000_000;

    private final JobPlan plan;
    private final List<Subtask> subtasks;
    private final RunTotals before;
    private long[] aliveBefore = {};
    private long[] waitedBefore = {};
    private double[] busy = {};

    /// @param before what the run had counted when this attempt began
    JobMetrics(JobPlan plan, List<Subtask> subtasks, RunTotals before) {
        this.plan = plan;
        this.subtasks = subtasks;
        this.before = before;
    }

    long sourceRecords() {
        long records = before.sourceRecords();
        for (JobPlan.Chain chain : plan.chains()) {
            if (chain.isSource()) {
                records += sum(chain, chain.head(), metrics -> metrics.out().getCount());
            }
        }
        return records;
    }

    /// Rejected input by reason, most frequent first.
    Map<String, Long> rejects() {
        Map<String, Long> sums = new HashMap<>(before.rejects());
        for (Subtask subtask : subtasks) {
            if (subtask instanceof SourceSubtask source) {
                source.rejects()
                        .counts()
                        .forEach((reason, count) -> sums.merge(reason, count, Long::sum));
            }
        }
        Map<String, Long> sorted = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>(before.counters());
        for (Subtask subtask : subtasks) {
            for (StreamNode node : subtask.plan().members()) {
                OperatorMetrics metrics = subtask.metrics(node);
                if (metrics != null) {
                    metrics.counters()
                            .forEach(
                                    (name, count) ->
                                            counters.merge(name, count.getCount(), Long::sum));
                }
            }
        }
        return counters;
    }

    /// The lowest watermark among operators without a receiver.
    long watermark() {
        long lowest = Long.MAX_VALUE;
        for (Subtask subtask : subtasks) {
            for (StreamNode node : subtask.plan().members()) {
                if (node.operation() instanceof Operation.Write) {
                    OperatorMetrics metrics = subtask.metrics(node);
                    lowest =
                            Math.min(
                                    lowest, metrics == null ? Long.MIN_VALUE : metrics.watermark());
                }
            }
        }
        return lowest;
    }

    List<OperatorProgress> operators() {
        double[] shares = busyShares();
        List<OperatorProgress> operators = new ArrayList<>();
        for (JobPlan.Chain chain : plan.chains()) {
            double chainBusy = 0;
            for (int i = 0; i < shares.length; i++) {
                if (subtasks.get(i).plan() == chain) {
                    chainBusy = Math.max(chainBusy, shares[i]);
                }
            }
            for (StreamNode node : chain.members()) {
                operators.add(
                        new OperatorProgress(
                                node.name(),
                                node.location().toString(),
                                chain.parallelism(),
                                sum(chain, node, metrics -> metrics.in().getCount()),
                                sum(chain, node, metrics -> metrics.out().getCount()),
                                chainBusy,
                                sum(chain, node, OperatorMetrics::stateBytes)));
            }
        }
        return operators;
    }

    /// The part of the time since the last call, half a second ago or more, in which each subtask
    /// did not wait.
    private synchronized double[] busyShares() {
        if (busy.length < subtasks.size()) {
            // The subtasks were not there yet when the job was made.
            aliveBefore = Arrays.copyOf(aliveBefore, subtasks.size());
            waitedBefore = Arrays.copyOf(waitedBefore, subtasks.size());
            busy = Arrays.copyOf(busy, subtasks.size());
        }
        for (int i = 0; i < busy.length; i++) {
            long alive = subtasks.get(i).aliveNanos();
            long waited = subtasks.get(i).waitedNanos();
            long passed = alive - aliveBefore[i];
            if (passed >= WINDOW_NANOS || aliveBefore[i] == 0) {
                busy[i] =
                        Math.clamp(
                                1.0 - (double) (waited - waitedBefore[i]) / Math.max(1, passed),
                                0.0,
                                1.0);
                aliveBefore[i] = alive;
                waitedBefore[i] = waited;
            }
        }
        return Arrays.copyOf(busy, busy.length);
    }

    /// One figure of an operator.
    private interface Figure {
        long of(OperatorMetrics metrics);
    }

    private long sum(JobPlan.Chain chain, StreamNode node, Figure figure) {
        long sum = 0;
        for (Subtask subtask : subtasks) {
            if (subtask.plan() == chain) {
                OperatorMetrics metrics = subtask.metrics(node);
                sum += metrics == null ? 0 : figure.of(metrics);
            }
        }
        return sum;
    }
}
