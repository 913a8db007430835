package io.aquifer.cli;

import java.util.List;
import java.util.Locale;

/// The `aquifer` command.
///
/// Every ending has an exit code of [ExitCode]; what the user can act on is a message without a stack trace.
public final class Main {
    private static final Option VERSION = new Option("--version", "-V", null, "Show the version of Aquifer and of the JVM.");
    private static final List<Command> COMMANDS = List.of(JobCommand.DEMO, JobCommand.RUN, MemoryCommand.COMMAND);
    private static final Command AQUIFER =
            new Command(
                    "",
                    "COMMAND [options]",
                    "Stream processing in one JVM that keeps to the memory you give it.",
                    List.of(),
                    List.of(Option.HELP, VERSION),
                    0,
                    0);

    private Main() {}

    /// Runs the command and exits with its code.
    public static void main(String[] args) {
        ExitCode code = run(Surroundings.ofProcess(), args);
        System.out.flush();
        System.exit(code.code);
    }

    static ExitCode run(Surroundings surroundings, String... args) {
        try {
            return dispatch(surroundings, List.of(args));
        } catch (CommandException refused) {
            surroundings.err().println("aquifer: " + refused.getMessage());
            return refused.exitCode();
        } catch (RuntimeException fault) {
            surroundings.err().println("aquifer: a fault in Aquifer itself: " + fault
                    + "\nPlease report it with the lines above; AQUIFER_TRACE=1 shows every call.");
            if ("1".equals(surroundings.environment().get("AQUIFER_TRACE"))) {
                fault.printStackTrace(surroundings.err());
            }
            return ExitCode.INTERNAL;
        }
    }

    private static ExitCode dispatch(Surroundings surroundings, List<String> args) {
        Screen screen = Screen.of(surroundings.out(), surroundings.environment());
        if (args.isEmpty() || args.getFirst().startsWith("-")) {
            Words words = Words.parse(AQUIFER, args);
            if (words.has(VERSION)) {
                screen.line("aquifer " + Version.TEXT + " (JDK " + System.getProperty("java.version") + ")");
                return ExitCode.OK;
            }
            if (words.has(Option.HELP)) {
                help(screen);
                return ExitCode.OK;
            }
            throw Words.usage(AQUIFER, "no command; there are " + String.join(", ", names()));
        }
        String name = args.getFirst();
        for (Command command : COMMANDS) {
            if (command.name().equals(name)) {
                Words words = Words.parse(command, args.subList(1, args.size()));
                if (words.has(Option.HELP)) {
                    command.help(screen).forEach(screen::line);
                    return ExitCode.OK;
                }
                return run(surroundings, name, words);
            }
        }
        String question = Words.nearest(name, names());
        throw new CommandException(
                ExitCode.USAGE,
                "there is no command '" + name + "'" + (question.isEmpty() ? "." : question)
                        + "\n`aquifer --help` shows what there is.");
    }

    private static ExitCode run(Surroundings surroundings, String name, Words words) {
        return switch (name) {
            case "run" -> new JobCommand(surroundings, words).run();
            case "demo" -> new JobCommand(surroundings, words).demo();
            default -> new MemoryCommand(surroundings, words).run();
        };
    }

    private static List<String> names() {
        return COMMANDS.stream().map(Command::name).toList();
    }

    private static void help(Screen screen) {
        AQUIFER.help(screen).forEach(screen::line);
        screen.line("");
        screen.line(screen.bold("Commands:"));
        for (Command command : COMMANDS) {
            screen.line(String.format(Locale.ROOT, "  %-8s %s", command.name(), command.header()));
        }
        screen.line("");
        screen.line(screen.bold("Exit codes:"));
        for (ExitCode code : ExitCode.values()) {
            screen.line(String.format(Locale.ROOT, "  %3d  %s", code.code, code.meaning));
        }
        screen.line("");
        screen.line(screen.bold("Examples:"));
        screen.line("  aquifer demo flights --memory 256m");
        screen.line("  aquifer run Job.java --memory 2g --input data.csv --output out");
        screen.line("  aquifer memory 2g");
    }
}
