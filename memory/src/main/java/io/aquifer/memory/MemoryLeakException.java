package io.aquifer.memory;

import java.util.List;

/// Leases that were still open when their scope or manager closed. Everything was returned before.
public final class MemoryLeakException extends MemoryException {
    private static final long serialVersionUID = 1L;
    private final transient List<LeakReport> reports;

    private MemoryLeakException(String message, List<LeakReport> reports) {
        super(message);
        this.reports = List.copyOf(reports);
    }

    static MemoryLeakException of(List<LeakReport> reports) {
        StringBuilder text = new StringBuilder();
        for (LeakReport report : reports) {
            text.append(text.isEmpty() ? "" : "\n").append(report);
        }
        return new MemoryLeakException(text.toString(), reports);
    }

    /// One report for each scope that left leases open; empty after deserialization.
    @SuppressWarnings("NullAway") // the field is transient, so deserialization leaves it null
    public List<LeakReport> reports() {
        return reports == null ? List.of() : reports;
    }
}
