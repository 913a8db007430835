package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkRun;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How one sink's files are called.
///
/// | Name                                                      | What                                     |
/// |-----------------------------------------------------------|------------------------------------------|
/// | `<prefix>-<subtask><ending>`                              | output of a job without checkpoints      |
/// | `<prefix>-<subtask>-<checkpoint><ending>`                 | output that a checkpoint made visible    |
/// | `.<prefix>-<subtask>-<from>-<n><ending>.<run>.inprogress` | output being written, or not yet visible |
/// | `.<prefix><ending>.manifest`                              | which of these are the sink's            |
/// | `.<prefix><ending>.lock`                                  | held by the job that writes              |
///
/// A checkpoint has six digits or more, so that the parts of a subtask sort by name in the order
/// they were written, up to the millionth.
///
/// **Invariant**: no two parts that can be committed have the same hidden name. `from` is the
/// checkpoint that the attempt went on from, so what a later attempt leaves hidden is never taken
/// for a part of a checkpoint before it.
final class OutputNames {
    private static final String UNFINISHED = ".inprogress";
    private static final String RUN_ID = "[A-Za-z0-9-]+";

    private final String prefix;
    private final String ending;
    private final Pattern visible;
    private final Pattern hidden;

    OutputNames(String prefix, String ending) {
        this.prefix = prefix;
        this.ending = ending;
        visible =
                Pattern.compile(
                        Pattern.quote(prefix) + "-\\d+(?:-(\\d{6,18}))?" + Pattern.quote(ending));
        hidden =
                Pattern.compile(
                        Pattern.quote("." + prefix)
                                + "-\\d+-\\d+-\\d+"
                                + Pattern.quote(ending)
                                + "\\.("
                                + RUN_ID
                                + ")"
                                + Pattern.quote(UNFINISHED));
    }

    static boolean isRunId(String text) {
        return text.matches(RUN_ID);
    }

    /// @param checkpoint 0 for none
    String visible(int subtask, long checkpoint) {
        return prefix
                + "-"
                + subtask
                + (checkpoint == 0 ? "" : String.format(Locale.ROOT, "-%06d", checkpoint))
                + ending;
    }

    /// @param number from 1 within the attempt and subtask
    String hidden(SinkRun run, int subtask, long number) {
        return "."
                + prefix
                + "-"
                + subtask
                + "-"
                + run.restoredCheckpoint()
                + "-"
                + number
                + ending
                + "."
                + run.runId()
                + UNFINISHED;
    }

    boolean isVisible(String name) {
        return visible.matcher(name).matches();
    }

    /// The checkpoint in a visible name, 0 when it has none.
    long checkpoint(String visibleName) {
        Matcher matcher = visible.matcher(visibleName);
        return matcher.matches() && matcher.group(1) != null ? Long.parseLong(matcher.group(1)) : 0;
    }

    /// The run that wrote a hidden file, null when the name is none of ours.
    @Nullable String run(String name) {
        Matcher matcher = hidden.matcher(name);
        return matcher.matches() ? matcher.group(1) : null;
    }

    String manifest() {
        return "." + prefix + ending + ".manifest";
    }

    String lock() {
        return "." + prefix + ending + ".lock";
    }

    /// What the sink writes, as a user would look for it.
    String all() {
        return prefix + "-*" + ending;
    }
}
