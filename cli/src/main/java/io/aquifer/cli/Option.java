package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

/// One option of a command, as it is parsed and as the help shows it.
///
/// @param name the long name with its dashes
/// @param letter the short name with its dash, or null
/// @param value what the help calls the value, or null for a switch
/// @param help one sentence
record Option(String name, @Nullable String letter, @Nullable String value, String help) {
    static final Option HELP = new Option("--help", "-h", null, "Show this text.");

    boolean takesValue() {
        return value != null;
    }

    /// As in `-m, --memory SIZE`.
    String label() {
        return (letter == null ? "    " : letter + ", ") + name + (value == null ? "" : " " + value);
    }
}
