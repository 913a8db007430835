package io.aquifer.connectors.files;

import java.util.function.DoublePredicate;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/// What a column's values must satisfy, and the reason to give when one does not.
sealed interface Check {
    String reason();

    /// On whole numbers, and on times as milliseconds since the epoch.
    record OfLong(LongPredicate ok, String reason) implements Check {}

    record OfDouble(DoublePredicate ok, String reason) implements Check {}

    /// On texts, and on enums by name.
    record OfText(Predicate<String> ok, String reason) implements Check {}
}
