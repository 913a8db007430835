package io.aquifer.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A command's words: what it takes, and the help made from that.
///
/// Immutable; any thread.
///
/// @param name the command, empty for `aquifer` itself
/// @param synopsis what follows the name
/// @param header one sentence
/// @param description further lines
/// @param options what it takes
/// @param operandsMin operands it needs, such as a job file
/// @param operandsMax operands it takes
record Command(
        String name,
        String synopsis,
        String header,
        List<String> description,
        List<Option> options,
        int operandsMin,
        int operandsMax) {

    /// `aquifer run`.
    String qualifiedName() {
        return name.isEmpty() ? "aquifer" : "aquifer " + name;
    }

    /// The help, headings in bold where the screen has it.
    List<String> help(Screen screen) {
        List<String> lines = new ArrayList<>();
        lines.add(header);
        lines.add("");
        lines.add(screen.bold("Usage:") + " " + qualifiedName() + " " + synopsis);
        if (!description.isEmpty()) {
            lines.add("");
            lines.addAll(description);
        }
        lines.add("");
        lines.add(screen.bold("Options:"));
        for (Option option : options) {
            lines.add(String.format(Locale.ROOT, "  %-22s %s", option.label(), option.help()));
        }
        return lines;
    }
}
