package io.aquifer.engine;

import io.aquifer.api.graph.SourceLocation;
import io.aquifer.api.graph.StreamNode;

import org.jspecify.annotations.Nullable;

/// An operator's failure: which operator, where it was declared, in which subtask, and on which
/// record.
final class OperatorFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int RECORD_CHARACTERS = 200;

    private OperatorFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /// Names the operator unless an operator further down the chain was named already.
    ///
    /// @param subtask null where it failed before or after the subtasks
    /// @param record the record at hand, or null
    static RuntimeException of(
            StreamNode node,
            @Nullable SubtaskId subtask,
            @Nullable Object record,
            Throwable cause) {
        return of("operator " + node, subtask, record, cause);
    }

    /// The failure of a key selector, which runs where the records come from.
    static RuntimeException ofKeyBy(
            SourceLocation location, SubtaskId subtask, @Nullable Object record, Throwable cause) {
        return of("keyBy (" + location + ")", subtask, record, cause);
    }

    private static RuntimeException of(
            String what, @Nullable SubtaskId subtask, @Nullable Object record, Throwable cause) {
        if (cause instanceof OperatorFailure || cause instanceof CanceledException) {
            return (RuntimeException) cause;
        }
        StringBuilder message = new StringBuilder(what);
        if (subtask != null) {
            message.append(", subtask ")
                    .append(subtask.index() + 1)
                    .append('/')
                    .append(subtask.parallelism());
        }
        message.append(": ");
        if (cause instanceof OutOfMemoryError) {
            message.append("the Java heap is full (")
                    .append(Runtime.getRuntime().maxMemory() >> 20)
                    .append(
                            " MiB): the function holds more objects than fit. Keep what it"
                                    + " remembers in keyed state")
                    .append(" (ValueState, MapState), or give more memory with --memory");
        } else {
            message.append(JobExecutionException.describe(cause));
        }
        if (record != null) {
            message.append(", on record ").append(text(record));
        }
        return new OperatorFailure(message.toString(), cause);
    }

    private static String text(Object record) {
        String text;
        try {
            text = String.valueOf(record);
        } catch (RuntimeException | OutOfMemoryError unprintable) {
            text = "of " + record.getClass().getName();
        }
        return text.length() <= RECORD_CHARACTERS
                ? text
                : text.substring(0, RECORD_CHARACTERS) + "...";
    }
}
