package io.aquifer.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The rejected input of one subtask by reason. Any thread.
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

    Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        byReason.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }
}
