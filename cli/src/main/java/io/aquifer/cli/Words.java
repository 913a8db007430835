package io.aquifer.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The words of a command line, sorted into options, operands and what follows `--`.
///
/// Options may stand before or after operands; values follow as the next word, after `=`, or at once after
/// a letter (`-m2g`). Written by hand because a library for it took most of the time to the first line.
///
/// Immutable; any thread.
///
/// @param options values by long name; a switch has an empty value
/// @param operands the words that are no options
/// @param rest the words after `--`, untouched
record Words(Map<String, String> options, List<String> operands, List<String> rest) {

    /// Sorts `words` by what `command` takes.
    ///
    /// @throws CommandException if they do not fit, with the nearest option that there is
    static Words parse(Command command, List<String> words) {
        Map<String, String> options = new HashMap<>();
        List<String> operands = new ArrayList<>();
        for (int at = 0; at < words.size(); at++) {
            String word = words.get(at);
            if (word.equals("--")) {
                List<String> rest = words.subList(at + 1, words.size());
                return checked(command, options, operands, rest);
            }
            if (!word.startsWith("-") || word.equals("-")) {
                operands.add(word);
                continue;
            }
            Option option = find(command, word);
            if (options.containsKey(option.name())) {
                throw usage(command, option.name() + " is given twice");
            }
            String attached = attached(option, word);
            if (!option.takesValue()) {
                if (attached != null) {
                    throw usage(command, option.name() + " takes no value, got '" + attached + "'");
                }
                options.put(option.name(), "");
            } else if (attached != null) {
                options.put(option.name(), attached);
            } else if (at + 1 < words.size() && !words.get(at + 1).equals("--")) {
                options.put(option.name(), words.get(++at));
            } else {
                throw usage(command, option.name() + " needs a value: " + option.name() + " " + option.value());
            }
        }
        return checked(command, options, operands, List.of());
    }

    boolean has(Option option) {
        return options.containsKey(option.name());
    }

    @Nullable String value(Option option) {
        return options.get(option.name());
    }

    String value(Option option, String otherwise) {
        return options.getOrDefault(option.name(), otherwise);
    }

    /// A mistake in the command line, with where to look.
    static CommandException usage(Command command, String mistake) {
        return new CommandException(
                ExitCode.USAGE, mistake + ".\n`" + command.qualifiedName() + " --help` shows what there is.");
    }

    /// The known word nearest to a mistyped one, as a question, or nothing if none is near.
    static String nearest(String word, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .filter(candidate -> distance(word, candidate) <= Math.max(2, candidate.length() / 3))
                .map(candidate -> ". Did you mean " + candidate + "?")
                .orElse("");
    }

    private static Words checked(Command command, Map<String, String> options, List<String> operands, List<String> rest) {
        boolean question = options.containsKey(Option.HELP.name());
        if (!question && operands.size() < command.operandsMin()) {
            throw usage(command, command.qualifiedName() + " needs more: " + command.qualifiedName() + " " + command.synopsis());
        }
        if (!question && operands.size() > command.operandsMax()) {
            throw usage(command, "'" + operands.get(command.operandsMax()) + "' is one word too many; arguments for the job follow --");
        }
        return new Words(Map.copyOf(options), List.copyOf(operands), List.copyOf(rest));
    }

    private static Option find(Command command, String word) {
        String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
        for (Option option : command.options()) {
            String letter = option.letter();
            boolean byLetter = letter != null && !word.startsWith("--")
                    && (word.equals(letter) || option.takesValue() && word.startsWith(letter));
            if (option.name().equals(name) || byLetter) {
                return option;
            }
        }
        List<String> known = command.options().stream().map(Option::name).toList();
        String question = nearest(name, known);
        throw new CommandException(
                ExitCode.USAGE,
                "there is no option " + name + (question.isEmpty() ? "." : question) + "\n`"
                        + command.qualifiedName() + " --help` shows what there is.");
    }

    /// The value inside the word itself, or null.
    private static @Nullable String attached(Option option, String word) {
        if (word.startsWith("--")) {
            return word.contains("=") ? word.substring(word.indexOf('=') + 1) : null;
        }
        String value = word.substring(2);
        return value.isEmpty() ? null : value.startsWith("=") ? value.substring(1) : value;
    }

    /// Levenshtein's distance.
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int column = 0; column < row.length; column++) {
            row[column] = column;
        }
        for (int line = 1; line <= left.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column < row.length; column++) {
                int substituted = diagonal + (left.charAt(line - 1) == right.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(substituted, 1 + Math.min(row[column], row[column - 1]));
            }
        }
        return row[right.length()];
    }
}
