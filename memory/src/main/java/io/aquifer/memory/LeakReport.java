package io.aquifer.memory;

import java.util.List;

/// What a scope still held when it closed; all of it was returned to its pools.
///
/// @param owner the owner of the scope
/// @param leaks the leases that were open, in the order they were taken
public record LeakReport(String owner, List<Leak> leaks) {

    public LeakReport {
        leaks = List.copyOf(leaks);
    }

    /// Whether the scope ended as it should.
    public boolean isEmpty() {
        return leaks.isEmpty();
    }

    /// The sum over all leaks.
    public long bytes() {
        return leaks.stream().mapToLong(Leak::bytes).sum();
    }

    @Override
    public String toString() {
        if (leaks.isEmpty()) {
            return "scope '" + owner + "' closed with nothing held.";
        }
        StringBuilder text = new StringBuilder(200);
        text.append("scope '")
                .append(owner)
                .append("' closed with ")
                .append(leaks.size() == 1 ? "1 lease" : leaks.size() + " leases")
                .append(" (")
                .append(MemorySize.text(bytes()))
                .append(") still open:");
        boolean traced = false;
        for (Leak leak : leaks) {
            text.append("\n  ").append(leak);
            traced |= !leak.site().isEmpty();
        }
        text.append("\nThe memory was returned. ");
        text.append(
                traced
                        ? "Close each lease where it is no longer used."
                        : "Run with -Daquifer.memory.leak-trace=full to see where each lease was"
                                + " taken.");
        return text.toString();
    }
}
