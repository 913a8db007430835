package io.aquifer.memory;

import io.aquifer.memory.PolicyOutcome.OwnerOutcome;
import io.aquifer.memory.PolicyOutcome.PoolOutcome;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A replay's outcome as tables.
final class ReplayText {
    private static final List<String> POLICY_COLUMNS =
            List.of(
                    "policy",
                    "fairness",
                    "used",
                    "makespan",
                    "waits",
                    "waited",
                    "longest",
                    "spilled",
                    "refused",
                    "failed");
    private static final List<String> OWNER_COLUMNS =
            List.of(
                    "owner",
                    "priority",
                    "held",
                    "peak",
                    "wanted",
                    "waits",
                    "waited",
                    "longest",
                    "spilled",
                    "for it",
                    "refused",
                    "failed");

    private final String file;
    private final RecordedTrace trace;
    private final ReplayCosts costs;
    private final List<PolicyOutcome> outcomes;
    private final List<String> lines = new ArrayList<>();

    ReplayText(String file, RecordedTrace trace, ReplayCosts costs, List<PolicyOutcome> outcomes) {
        this.file = file;
        this.trace = trace;
        this.costs = costs;
        this.outcomes = outcomes;
    }

    List<String> lines() {
        lines.clear();
        lines.add(
                file
                        + ": "
                        + time(trace.nanos())
                        + ", "
                        + count(trace.steps().size())
                        + " events, budget "
                        + MemorySize.text(trace.plan().totalBytes()));
        lines.add(
                "model: spills "
                        + MemorySize.text(costs.diskBytesPerSecond())
                        + "/s, "
                        + time(costs.askNanos())
                        + " to reach another owner, a wait fails after "
                        + time(costs.waitNanosMax()));
        if (trace.droppedEvents() > 0) {
            lines.add(
                    "warning: the recorder dropped "
                            + count(trace.droppedEvents())
                            + " events, so the figures are approximate");
        }
        lines.add("");
        addPolicies();
        outcomes.forEach(this::addOwners);
        lines.add("");
        lines.add(
                "fairness: Jain's index of what owners held of "
                        + firstPool()
                        + " memory while open; 1 when all held the same, 1/N when one held all");
        return List.copyOf(lines);
    }

    private void addPolicies() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(POLICY_COLUMNS);
        for (PolicyOutcome outcome : outcomes) {
            List<OwnerOutcome> owners = outcome.owners();
            rows.add(
                    List.of(
                            outcome.policy(),
                            outcome.pools().isEmpty() ? "-" : fairness(outcome.pools().getFirst()),
                            outcome.pools().isEmpty() ? "-" : percent(outcome.pools().getFirst()),
                            time(outcome.makespanNanos()),
                            count(owners.stream().mapToLong(OwnerOutcome::waits).sum()),
                            time(owners.stream().mapToLong(OwnerOutcome::waitedNanos).sum()),
                            time(
                                    owners.stream()
                                            .mapToLong(OwnerOutcome::waitedNanosMax)
                                            .max()
                                            .orElse(0)),
                            size(owners.stream().mapToLong(OwnerOutcome::spilledBytes).sum()),
                            count(owners.stream().mapToLong(OwnerOutcome::refusals).sum()),
                            count(owners.stream().filter(o -> o.failedNanos() != null).count())));
        }
        addTable(rows);
    }

    private void addOwners(PolicyOutcome outcome) {
        lines.add("");
        lines.add(outcome.policy());
        for (PoolOutcome pool : outcome.pools()) {
            lines.add(
                    "  "
                            + pool.pool()
                            + ": fairness "
                            + fairness(pool)
                            + ", "
                            + percent(pool)
                            + " of "
                            + MemorySize.text(pool.mostBytes())
                            + " used on average, "
                            + MemorySize.text(pool.peakBytes())
                            + " at most");
        }
        for (String pattern : outcome.unmatchedPatterns()) {
            lines.add("  warning: no owner of this trace matches '" + pattern + "'");
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(OWNER_COLUMNS);
        for (OwnerOutcome owner : outcome.owners()) {
            Long failed = owner.failedNanos();
            rows.add(
                    List.of(
                            owner.name(),
                            "" + owner.priority(),
                            size(owner.heldBytes()),
                            size(owner.peakBytes()),
                            size(owner.wantedBytes()),
                            count(owner.waits()),
                            time(owner.waitedNanos()),
                            time(owner.waitedNanosMax()),
                            size(owner.spilledBytes()),
                            size(owner.spilledForItBytes()),
                            count(owner.refusals()),
                            failed == null ? "-" : "at " + time(failed)));
        }
        addTable(rows);
    }

    /// Adds rows in columns as wide as their widest cell; the first column is words.
    private void addTable(List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = row.get(column);
                String blanks = " ".repeat(widths[column] - cell.length());
                line.append(column == 0 ? cell + blanks : "  " + blanks + cell);
            }
            lines.add(line.toString().stripTrailing());
        }
    }

    private String firstPool() {
        return outcomes.stream()
                .flatMap(outcome -> outcome.pools().stream())
                .map(PoolOutcome::pool)
                .findFirst()
                .orElse("managed");
    }

    private static String fairness(PoolOutcome pool) {
        return String.format(Locale.ROOT, "%.3f", pool.jain());
    }

    private static String percent(PoolOutcome pool) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * pool.utilisation());
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String size(long bytes) {
        return bytes == 0 ? "0" : MemorySize.text(bytes);
    }

    static String time(long nanos) {
        if (nanos == 0) {
            return "0";
        }
        return nanos < 1_000_000
                ? String.format(Locale.ROOT, "%.1f us", nanos / 1e3)
                : nanos < 1_000_000_000
                        ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                        : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
