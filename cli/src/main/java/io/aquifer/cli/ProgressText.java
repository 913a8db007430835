package io.aquifer.cli;

import static io.aquifer.cli.Sizes.MIB;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.OperatorProgress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a running job looks like: a block of lines for a terminal, one line for anything else.
///
/// Keeps the last two looks, for the rate between them.
///
/// **Threads.** One.
final class ProgressText {
    private final Screen screen;
    private final ProcessMemory memory;
    private final long budgetBytes;
    private String job = "";
    private long lastRecords;
    private Duration lastElapsed = Duration.ZERO;
    private double rate;

    ProgressText(Screen screen, ProcessMemory memory, long budgetBytes) {
        this.screen = screen;
        this.memory = memory;
        this.budgetBytes = budgetBytes;
    }

    /// Four lines: state, source, memory, slowest operator; with a state directory one more, from
    /// the beginning, for checkpoints.
    List<String> block(JobProgress progress, JobStart start) {
        measure(progress, start);
        List<String> lines = new ArrayList<>();
        lines.add(
                screen.bold(progress.job())
                        + "  "
                        + state(progress)
                        + " "
                        + clock(progress.elapsed()));
        lines.add(" " + label("source") + source(progress));
        if (start.kind() != JobStart.Kind.WITHOUT_STATE) {
            lines.add(" " + label("state") + checkpoints(progress));
        }
        lines.add(" " + label("memory") + memory(progress));
        slowest(progress)
                .ifPresent(slowest -> lines.add(" " + label("slowest") + operator(slowest)));
        return lines;
    }

    /// The same in one line, with the time first.
    String line(JobProgress progress, JobStart start) {
        measure(progress, start);
        return clock(progress.elapsed())
                + "  "
                + progress.job()
                + " "
                + state(progress)
                + "  "
                + source(progress)
                + (start.kind() == JobStart.Kind.WITHOUT_STATE ? "" : "  " + checkpoints(progress))
                + "  memory "
                + memory(progress)
                + slowest(progress).map(slowest -> "  slowest " + operator(slowest)).orElse("");
    }

    /// A time as `00:00:12`.
    static String clock(Duration elapsed) {
        return String.format(
                Locale.ROOT,
                "%02d:%02d:%02d",
                elapsed.toHours(),
                elapsed.toMinutesPart(),
                elapsed.toSecondsPart());
    }

    private String label(String name) {
        return screen.dim(String.format(Locale.ROOT, "%-8s", name));
    }

    private String state(JobProgress progress) {
        int restarts = progress.restarts();
        return progress.state()
                + (restarts == 0
                        ? ""
                        : " "
                                + screen.warn(
                                        "after "
                                                + restarts
                                                + (restarts == 1 ? " restart" : " restarts")));
    }

    private String checkpoints(JobProgress progress) {
        CheckpointProgress checkpoints = progress.checkpoints();
        String text = CheckpointText.live(checkpoints);
        return checkpoints.lastFailure() == null ? text : screen.warn(text);
    }

    private String source(JobProgress progress) {
        String rejects =
                "rejects "
                        + Sizes.count(progress.rejects())
                        + share(progress.rejects(), progress.sourceRecords());
        return Sizes.shortCount(rate)
                + " rows/s  "
                + Sizes.shortCount(progress.sourceRecords())
                + " rows  "
                + (progress.rejects() > 0 ? screen.warn(rejects) : rejects);
    }

    private String memory(JobProgress progress) {
        long heap = memory.nowBytes(MemoryPart.HEAP);
        long managed = memory.nowBytes(MemoryPart.MANAGED);
        long network = memory.nowBytes(MemoryPart.NETWORK);
        long resident = memory.residentBytes();
        return resident / MIB
                + " of "
                + budgetBytes / MIB
                + " MiB  heap "
                + heap / MIB
                + "  managed "
                + managed / MIB
                + "  network "
                + network / MIB
                + "  other "
                + (resident - heap - managed - network) / MIB
                + "  pressure "
                + progress.memory().pressure();
    }

    private static String operator(OperatorProgress operator) {
        return operator.name()
                + "  "
                + operator.location()
                + "  busy "
                + Math.round(operator.busy() * 100)
                + "%"
                + (operator.stateBytes() > 0 ? "  state " + Sizes.size(operator.stateBytes()) : "");
    }

    private static Optional<OperatorProgress> slowest(JobProgress progress) {
        return progress.operators().stream()
                .max(Comparator.comparingDouble(OperatorProgress::busy));
    }

    static String share(long part, long whole) {
        return part == 0 || whole == 0
                ? ""
                : String.format(Locale.ROOT, " (%.2f%%)", 100.0 * part / whole);
    }

    /// The rate is of rows read in this process, and 0 where a restart goes back.
    private void measure(JobProgress progress, JobStart start) {
        if (!progress.job().equals(job)) {
            job = progress.job();
            lastRecords = start.sourceRecords();
            lastElapsed = Duration.ZERO;
        }
        double seconds = progress.elapsed().minus(lastElapsed).toNanos() / 1e9;
        if (seconds > 0) {
            double now = Math.max(0, progress.sourceRecords() - lastRecords) / seconds;
            rate = lastElapsed.isZero() ? now : 0.7 * rate + 0.3 * now;
        }
        lastRecords = progress.sourceRecords();
        lastElapsed = progress.elapsed();
    }
}
