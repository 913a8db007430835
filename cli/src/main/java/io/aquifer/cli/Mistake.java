package io.aquifer.cli;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.List;

/// A command line that does not fit, in one sentence: what is wrong, the nearest word that there
/// is, where to look.
final class Mistake {
    private Mistake() {}

    /// @param found what the parser found
    static String text(ParameterException found) {
        CommandLine command = found.getCommandLine();
        // A word nobody knows explains more than the one that is missing because of it.
        List<String> unknown = command.getUnmatchedArguments();
        String sentence =
                unknown.isEmpty()
                        ? missing(found, command)
                        : unmatched(
                                new UnmatchedArgumentException(command, unknown),
                                unknown.getFirst(),
                                command);
        return sentence
                + "\n`"
                + command.getCommandSpec().qualifiedName()
                + " --help` shows what there is.";
    }

    private static String missing(ParameterException found, CommandLine command) {
        return command.getParent() == null
                ? "no command; " + commands(command)
                : found.getMessage() + ".";
    }

    private static String commands(CommandLine command) {
        return "there are " + String.join(", ", command.getSubcommands().keySet()) + ".";
    }

    private static String unmatched(
            UnmatchedArgumentException found, String word, CommandLine command) {
        List<String> near = found.getSuggestions();
        String question = ". Did you mean " + String.join(" or ", near) + "?";
        if (found.isUnknownOption()) {
            return "there is no option " + word + (near.isEmpty() ? "." : question);
        }
        return command.getParent() == null
                ? "there is no command '"
                        + word
                        + "'"
                        + (near.isEmpty() ? "; " + commands(command) : question)
                : "'" + word + "' is one word too many; a job's own arguments follow --.";
    }
}
