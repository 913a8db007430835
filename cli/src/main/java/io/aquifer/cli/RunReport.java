package io.aquifer.cli;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobStart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a run did and took, as text: each job's rows, rejects and counters, then memory by part.
///
/// Immutable; any thread.
///
/// @param jobs the jobs the program ran, in the order they ended
/// @param memory one row per part
/// @param budgetBytes the budget
/// @param exitCode what the process is about to end with
record RunReport(List<EndedJob> jobs, List<MemoryRow> memory, long budgetBytes, ExitCode exitCode) {
    RunReport {
        jobs = List.copyOf(jobs);
        memory = List.copyOf(memory);
    }

    /// The process's peak: what the rows add up to, which is the kernel's high-water mark.
    long peakBytes() {
        return memory.stream().mapToLong(MemoryRow::atPeakBytes).sum();
    }

    List<String> lines(Screen screen) {
        List<String> lines = new ArrayList<>();
        for (EndedJob job : jobs) {
            lines.add("");
            addJob(lines, job, screen);
        }
        lines.add("");
        addMemory(lines, screen);
        return lines;
    }

    private static void addJob(List<String> lines, EndedJob job, Screen screen) {
        JobProgress last = job.report().last();
        double seconds = last.elapsed().toNanos() / 1e9;
        lines.add(
                screen.bold(last.job())
                        + "  "
                        + job.report().state()
                        + " in "
                        + String.format(Locale.ROOT, "%.2f s", seconds));
        lines.add(
                row("rows", last.sourceRecords())
                        + (job.start().sourceRecords() > 0
                                ? " ("
                                        + Sizes.count(job.start().sourceRecords())
                                        + " before the resume)"
                                : "")
                        + (seconds > 0
                                ? "   " + Sizes.shortCount(job.rowsRead() / seconds) + " rows/s"
                                : ""));
        lines.add(
                row("rejects", last.rejects())
                        + ProgressText.share(last.rejects(), last.sourceRecords()));
        descending(last.rejectsByReason())
                .forEach(reason -> lines.add(row("  " + reason.getKey(), reason.getValue())));
        last.counters().forEach((name, count) -> lines.add(row(name, count)));
        if (job.start().kind() != JobStart.Kind.WITHOUT_STATE) {
            addCheckpoints(lines, last.checkpoints(), screen);
        }
        if (last.restarts() > 0) {
            lines.add(row("restarts", last.restarts()));
            String cause = last.lastRestart();
            if (cause != null) {
                lines.add("  the last after: " + CheckpointText.oneLine(cause));
            }
        }
        for (String leak : job.report().leaks()) {
            lines.add(screen.warn("leak  " + leak));
        }
    }

    private static void addCheckpoints(
            List<String> lines, CheckpointProgress checkpoints, Screen screen) {
        lines.add(
                row("checkpoints", checkpoints.completed())
                        + (checkpoints.completed() > 0
                                ? "   the last is "
                                        + checkpoints.lastId()
                                        + ", "
                                        + CheckpointText.sizeAndTime(checkpoints)
                                : ""));
        if (checkpoints.failed() > 0) {
            String reason = checkpoints.lastFailure();
            String row = row("  failed", checkpoints.failed());
            lines.add(
                    reason == null
                            ? row
                            : screen.warn(row + "   the last: " + CheckpointText.oneLine(reason)));
        }
    }

    private void addMemory(List<String> lines, Screen screen) {
        long peakBytes = peakBytes();
        if (peakBytes == 0) {
            lines.add("memory by part: not available here (needs /proc)");
            return;
        }
        lines.add(
                screen.bold(
                        String.format(
                                Locale.ROOT,
                                "%-20s %10s %10s %10s",
                                "memory, MiB",
                                "budget",
                                "at peak",
                                "own peak")));
        for (MemoryRow row : memory) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-20s %10s %10s %10s",
                            "  " + row.part().label,
                            Sizes.mebi(row.budgetBytes()),
                            Sizes.mebi(row.atPeakBytes()),
                            Sizes.mebi(row.peakBytes())));
        }
        lines.add(
                screen.bold(
                        String.format(
                                Locale.ROOT,
                                "%-20s %10s %10s",
                                "process (RSS)",
                                Sizes.mebi(budgetBytes),
                                Sizes.mebi(peakBytes))));
        if (peakBytes > budgetBytes) {
            lines.add(
                    screen.warn(
                            "The process was larger than its budget by "
                                    + Sizes.size(peakBytes - budgetBytes)
                                    + ": this is a fault in Aquifer, or memory taken by native code"
                                    + " of the job."));
        }
    }

    private static String row(String name, long count) {
        return String.format(Locale.ROOT, "%-20s %,14d", name, count);
    }

    private static List<Map.Entry<String, Long>> descending(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                                .thenComparing(Map.Entry.comparingByKey()))
                .toList();
    }
}
