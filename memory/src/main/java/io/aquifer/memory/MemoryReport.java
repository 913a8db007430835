package io.aquifer.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Everything a [MemoryManager] knows of its memory at one moment: as text for people, as JSON for
/// programs.
///
/// **Invariant**: all figures are from the same instant, so the limits of the pools, the reserve
/// and the quarantine add up to the total in every report.
///
/// The names of the JSON's fields are stable; `docs/memory-report.md` lists them. The text may
/// change.
///
/// Immutable; any thread.
///
/// @param statistics the ledger
/// @param tree who holds what
/// @param waiting the requests that wait, those of one pool in the order they will be served
/// @param suspects pinned leases that have outlived at least [#SUSPECT_CHECKPOINTS] checkpoints
public record MemoryReport(
        MemoryStatistics statistics,
        MemoryNode tree,
        List<MemoryWait> waiting,
        List<Leak> suspects) {
    /// How many checkpoints a pinned lease may outlive before it is suspected of a leak.
    public static final long SUSPECT_CHECKPOINTS = 3;

    public MemoryReport {
        waiting = List.copyOf(waiting);
        suspects = List.copyOf(suspects);
    }

    /// Called with the ledger's lock held.
    static MemoryReport of(Ledger ledger, long nowNanos) {
        List<MemoryWait> waiting = new ArrayList<>();
        for (MemoryPool pool : ledger.pools()) {
            for (Ticket ticket : pool.waiting) {
                waiting.add(
                        new MemoryWait(
                                ticket.lease.ownerText(),
                                pool.name(),
                                ticket.bytes,
                                nowNanos - ticket.sinceNanos));
            }
        }
        return new MemoryReport(
                ledger.snapshot(),
                Snapshot.tree(ledger),
                waiting,
                ledger.suspects(SUSPECT_CHECKPOINTS));
    }

    /// The report as text, one fact in a line, without a line end after the last.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(1_000);
        appendBudget(text);
        appendPools(text);
        appendHolders(text);
        appendQuarantine(text);
        appendWaiting(text);
        appendSuspects(text);
        return text.toString();
    }

    private void appendBudget(StringBuilder text) {
        text.append("Memory budget ")
                .append(MemorySize.text(statistics.totalBytes()))
                .append(", ")
                .append(MemorySize.text(statistics.heldBytes()))
                .append(" held");
        if (statistics.targetBytes() < statistics.totalBytes()) {
            text.append("; becomes ")
                    .append(MemorySize.text(statistics.targetBytes()))
                    .append(" as memory comes back");
        }
        text.append("; pressure ")
                .append(name(statistics.pressure()))
                .append("; ")
                .append(statistics.pageMode())
                .append(" pages, ")
                .append(MemorySize.text(statistics.pageBytesResident()))
                .append(" resident\n");
    }

    private void appendPools(StringBuilder text) {
        TextTable table = new TextTable("pool", "limit", "held", "resident", "most held");
        for (PoolStatistics pool : statistics.pools()) {
            table.row(
                    "  " + pool.name(),
                    MemorySize.text(pool.limitBytes()),
                    MemorySize.text(pool.heldBytes()),
                    MemorySize.text(pool.residentBytes()),
                    MemorySize.text(pool.heldBytesMax()));
        }
        table.row("  reserve", MemorySize.text(statistics.reserveBytes()));
        table.row("  quarantine", MemorySize.text(statistics.quarantineBytes()));
        table.appendTo(text);
    }

    private void appendHolders(StringBuilder text) {
        TextTable table =
                new TextTable("held by", "held", "may hold", "guaranteed", "can give back");
        for (MemoryNode pool : tree.children()) {
            if (pool.heldBytes() > 0 || pool.guaranteedBytes() > 0) {
                appendNode(table, pool, "  ");
            }
        }
        if (table.isEmpty()) {
            text.append("held by nobody\n");
        } else {
            table.appendTo(text);
        }
    }

    private static void appendNode(TextTable table, MemoryNode node, String indentation) {
        table.row(
                indentation + node.name(),
                MemorySize.text(node.heldBytes()),
                node.limitBytes() < 0 ? "" : MemorySize.text(node.limitBytes()),
                textAbove0(node.guaranteedBytes()),
                textAbove0(node.reclaimableBytes()));
        for (MemoryNode child : node.children()) {
            appendNode(table, child, indentation + "  ");
        }
    }

    private void appendQuarantine(StringBuilder text) {
        if (!statistics.quarantine().isEmpty()) {
            text.append("in quarantine\n");
        }
        for (QuarantineStatistics kept : statistics.quarantine()) {
            text.append("  ")
                    .append(MemorySize.text(kept.bytes()))
                    .append(" of '")
                    .append(kept.owner())
                    .append("', which ended: ");
            if (kept.threads().isEmpty()) {
                text.append("IO or a last store through one of its views may be under way");
            } else {
                text.append(kept.threads().size() == 1 ? "thread '" : "threads '")
                        .append(String.join("', '", kept.threads()))
                        .append(kept.threads().size() == 1 ? "' has" : "' have")
                        .append(" not left");
            }
            text.append('\n');
        }
    }

    private void appendWaiting(StringBuilder text) {
        ArbitrationStatistics arbitration = statistics.arbitration();
        text.append("policy '")
                .append(arbitration.policy())
                .append(arbitration.throttling() ? "', sources are slowed; " : "'; ")
                .append(
                        waiting.isEmpty()
                                ? "nobody waits"
                                : waiting.size() == 1
                                        ? "1 request waits"
                                        : waiting.size() + " requests wait")
                .append(", the longest wait so far took ")
                .append(millis(arbitration.longestWaitNanos()));
        for (MemoryWait wait : waiting) {
            text.append("\n  '")
                    .append(wait.owner())
                    .append("' has waited ")
                    .append(millis(wait.waitedNanos()))
                    .append(" for ")
                    .append(MemorySize.text(wait.bytes()))
                    .append(" of pool '")
                    .append(wait.pool())
                    .append('\'');
        }
    }

    private void appendSuspects(StringBuilder text) {
        if (!suspects.isEmpty()) {
            text.append("\npinned for ")
                    .append(SUSPECT_CHECKPOINTS)
                    .append(" checkpoints or more, as if forgotten");
        }
        for (Leak suspect : suspects) {
            text.append("\n  ").append(suspect);
        }
    }

    private static String textAbove0(long bytes) {
        return bytes == 0 ? "" : MemorySize.text(bytes);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%,d ms", nanos / 1_000_000);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// The report as one JSON object in one line.
    public String json() {
        JsonText json = new JsonText();
        json.open('{');
        json.name("totalBytes").value(statistics.totalBytes());
        json.name("targetBytes").value(statistics.targetBytes());
        json.name("heldBytes").value(statistics.heldBytes());
        json.name("reserveBytes").value(statistics.reserveBytes());
        json.name("quarantineBytes").value(statistics.quarantineBytes());
        json.name("pageBytesResident").value(statistics.pageBytesResident());
        json.name("pageMode").value(name(statistics.pageMode()));
        json.name("pressure").value(name(statistics.pressure()));
        json.name("policy").value(statistics.arbitration().policy());
        json.name("throttling").value(statistics.arbitration().throttling());
        json.name("longestWaitNanos").value(statistics.arbitration().longestWaitNanos());
        json.name("pools").open('[');
        for (PoolStatistics pool : statistics.pools()) {
            json.open('{').name("name").value(pool.name());
            json.name("limitBytes").value(pool.limitBytes());
            json.name("heldBytes").value(pool.heldBytes());
            json.name("heldBytesMax").value(pool.heldBytesMax());
            json.name("residentBytes").value(pool.residentBytes()).close('}');
        }
        json.close(']').name("tree");
        write(json, tree);
        json.name("quarantine").open('[');
        for (QuarantineStatistics kept : statistics.quarantine()) {
            json.open('{').name("owner").value(kept.owner());
            json.name("bytes").value(kept.bytes());
            json.name("threads").open('[');
            kept.threads().forEach(json::value);
            json.close(']').close('}');
        }
        json.close(']').name("waiting").open('[');
        for (MemoryWait wait : waiting) {
            json.open('{').name("owner").value(wait.owner());
            json.name("pool").value(wait.pool());
            json.name("bytes").value(wait.bytes());
            json.name("waitedNanos").value(wait.waitedNanos()).close('}');
        }
        json.close(']').name("suspects").open('[');
        for (Leak suspect : suspects) {
            json.open('{').name("owner").value(suspect.owner());
            json.name("kind").value(name(suspect.kind()));
            json.name("pool").value(suspect.pool());
            json.name("bytes").value(suspect.bytes());
            json.name("site").value(suspect.site()).close('}');
        }
        return json.close(']').close('}').toString();
    }

    private static void write(JsonText json, MemoryNode node) {
        json.open('{').name("name").value(node.name());
        json.name("kind").value(name(node.kind()));
        json.name("limitBytes");
        if (node.limitBytes() < 0) {
            json.nothing();
        } else {
            json.value(node.limitBytes());
        }
        json.name("heldBytes").value(node.heldBytes());
        json.name("guaranteedBytes").value(node.guaranteedBytes());
        json.name("reclaimableBytes").value(node.reclaimableBytes());
        json.name("children").open('[');
        node.children().forEach(child -> write(json, child));
        json.close(']').close('}');
    }

    /// Rows of text in columns: the first to the left, the others to the right.
    private static final class TextTable {
        private final List<List<String>> rows = new ArrayList<>();
        private final int[] widths;

        TextTable(String... header) {
            widths = new int[header.length];
            row(header);
        }

        void row(String... cells) {
            rows.add(List.of(cells));
            for (int i = 0; i < cells.length; i++) {
                widths[i] = Math.max(widths[i], cells[i].length());
            }
        }

        boolean isEmpty() {
            return rows.size() == 1;
        }

        void appendTo(StringBuilder text) {
            for (List<String> row : rows) {
                int start = text.length();
                for (int i = 0; i < row.size(); i++) {
                    String padding = " ".repeat(widths[i] - row.get(i).length());
                    text.append(i == 0 ? row.get(i) : "  " + padding + row.get(i));
                    text.append(i == 0 ? padding : "");
                }
                int end = text.length();
                while (end > start && text.charAt(end - 1) == ' ') {
                    end--;
                }
                text.setLength(end);
                text.append('\n');
            }
        }
    }
}
