package io.aquifer.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Rejected input by reason. Any thread.
final class RejectCounts {
    private static final int MOST_REASONS = 1000;
    private static final String OTHER = "other reasons";

    private final Map<String, LongAdder> byReason = new ConcurrentHashMap<>();

    void add(String reason) {
        LongAdder count = byReason.get(reason);
        if (count == null) {
            String name = byReason.size() < MOST_REASONS ? reason : OTHER;
            count = byReason.computeIfAbsent(name, ignored -> new LongAdder());
        }
        count.increment();
    }

    /// Most frequent first.
    Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        byReason.entrySet().stream()
                .map(entry -> Map.entry(entry.getKey(), entry.getValue().sum()))
                .sorted(
                        Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return counts;
    }

    long total() {
        return byReason.values().stream().mapToLong(LongAdder::sum).sum();
    }
}
