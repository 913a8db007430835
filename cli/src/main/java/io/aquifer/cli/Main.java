package io.aquifer.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `aquifer` command.
///
/// Every ending has an exit code of [ExitCode]; what the user can act on is a message without a stack trace.
@Command(
        name = "aquifer",
        header = "Stream processing in one JVM that keeps to the memory you give it.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        versionProvider = Main.Versions.class,
        exitCodeListHeading = "%nExit codes:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  aquifer demo flights --memory 256m",
            "  aquifer run Job.java --memory 2g --input data.csv --output out",
            "  aquifer memory 2g"
        })
public final class Main implements Runnable {
    private final Surroundings surroundings;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text.")
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version of Aquifer and of the JVM.")
    private boolean version;

    private Main(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Runs the command and exits with its code.
    public static void main(String[] args) {
        int code = run(Surroundings.ofProcess(), args);
        System.out.flush();
        System.exit(code);
    }

    static int run(Surroundings surroundings, String... args) {
        CommandLine command = new CommandLine(new Main(surroundings));
        command.addSubcommand(new DemoCommand(surroundings));
        command.addSubcommand(new RunCommand(surroundings));
        command.addSubcommand(new MemoryCommand(surroundings));
        command.setOut(new java.io.PrintWriter(surroundings.out(), true));
        command.setErr(new java.io.PrintWriter(surroundings.err(), true));
        Screen screen = Screen.of(surroundings.out(), surroundings.environment());
        boolean colour = !screen.bold("").isEmpty();
        command.setColorScheme(colours(colour));
        command.setUsageHelpWidth(100);
        command.setUsageHelpAutoWidth(false);
        command.setExitCodeExceptionMapper(thrown -> ExitCode.INTERNAL.code);
        command.setParameterExceptionHandler((refused, given) -> usageError(surroundings, refused));
        command.setExecutionExceptionHandler((thrown, line, parsed) -> failed(surroundings, thrown));
        command.getCommandSpec().usageMessage().exitCodeList(exitCodes());
        return command.execute(args);
    }

    /// No command at all: the help, as a mistake.
    @Override
    public void run() {
        CommandLine.usage(this, surroundings.err());
    }

    private static ColorScheme colours(boolean colour) {
        return CommandLine.Help.defaultColorScheme(colour ? Ansi.ON : Ansi.OFF);
    }

    private static java.util.Map<String, String> exitCodes() {
        java.util.Map<String, String> codes = new java.util.LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(" " + code.code, code.meaning);
        }
        return codes;
    }

    private static int usageError(Surroundings surroundings, ParameterException refused) {
        CommandLine command = refused.getCommandLine();
        String message = String.valueOf(refused.getMessage());
        StringBuilder text = new StringBuilder("aquifer: ").append(lowered(message));
        if (!message.endsWith(".")) {
            text.append('.');
        }
        if (refused instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                text.append("\nDid you mean: ").append(String.join(" or ", suggestions)).append('?');
            }
        }
        text.append("\n`").append(command.getCommandSpec().qualifiedName()).append(" --help` shows what there is.");
        surroundings.err().println(text);
        return ExitCode.USAGE.code;
    }

    private static int failed(Surroundings surroundings, Exception thrown) {
        if (thrown instanceof CommandException refused) {
            surroundings.err().println("aquifer: " + refused.getMessage());
            return refused.exitCode().code;
        }
        surroundings.err().println("aquifer: a fault in Aquifer itself: " + thrown
                + "\nPlease report it with the lines above; AQUIFER_TRACE=1 shows every call.");
        if ("1".equals(surroundings.environment().get("AQUIFER_TRACE"))) {
            thrown.printStackTrace(surroundings.err());
        }
        return ExitCode.INTERNAL.code;
    }

    private static String lowered(String message) {
        return message.isEmpty() ? message : message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    /// The version lines.
    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "aquifer " + Version.TEXT + " (JDK " + System.getProperty("java.version") + ")"
            };
        }
    }
}
