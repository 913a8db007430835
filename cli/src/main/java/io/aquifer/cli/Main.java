package io.aquifer.cli;

import io.aquifer.engine.checkpoint.StateReport;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The `aquifer` command.
///
/// Every ending has an exit code of [ExitCode]; what the user can act on is a message without a
/// stack trace.
@Command(
        name = "aquifer",
        header = "Stream processing in one JVM that keeps to the memory you give it.",
        customSynopsis = "aquifer COMMAND [options]",
        footer = {
            "  aquifer demo flights --memory 256m",
            "  aquifer run Job.java --memory 2g --input data.csv --output out",
            "  aquifer run Job.java --state my-state   (the same again goes on where it stopped)",
            "  aquifer state my-state",
            "  aquifer memory 2g"
        })
public final class Main {
    private static final int HELP_COLUMNS_MIN = 60;
    private static final int HELP_COLUMNS_MAX = 100;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this text.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version of Aquifer and of the JVM.")
    private boolean version;

    private Main() {}

    /// Runs the command and exits with its code.
    public static void main(String[] args) {
        int code = run(Surroundings.ofProcess(), args);
        System.out.flush();
        System.exit(code);
    }

    /// @return the exit code
    static int run(Surroundings surroundings, String... args) {
        CommandWords words = new CommandWords(surroundings.launcher(), List.of(args));
        return commandLine(surroundings, words).execute(words.own().toArray(String[]::new));
    }

    private static CommandLine commandLine(Surroundings surroundings, CommandWords words) {
        Screen screen = Screen.of(surroundings.out(), surroundings.environment());
        MemoryCommand memory = new MemoryCommand(surroundings);
        CommandLine aquifer =
                new CommandLine(new Main())
                        .addSubcommand(new DemoCommand(surroundings, words))
                        .addSubcommand(new RunCommand(surroundings, words))
                        .addSubcommand(
                                new CommandLine(memory)
                                        .addSubcommand(
                                                new MemoryReplayCommand(surroundings, memory)))
                        .addSubcommand(
                                new StateCommand(
                                        surroundings,
                                        new StateCommand.Reader(
                                                StateReport::of, StateReport::unverified),
                                        InstantSource.system()))
                        .setExpandAtFiles(false)
                        .setOut(new PrintWriter(surroundings.out(), true))
                        .setColorScheme(
                                Help.defaultColorScheme(
                                        screen.hasColour() ? Help.Ansi.ON : Help.Ansi.OFF))
                        .setUsageHelpWidth(
                                Math.clamp(screen.columns(), HELP_COLUMNS_MIN, HELP_COLUMNS_MAX))
                        .setParameterExceptionHandler(
                                (mistake, ignored) ->
                                        refuse(surroundings, ExitCode.USAGE, Mistake.text(mistake)))
                        .setExecutionExceptionHandler(
                                (thrown, command, ignored) -> failed(surroundings, thrown));
        aquifer.getCommandSpec()
                .version(
                        "aquifer "
                                + Version.TEXT
                                + " (JDK "
                                + System.getProperty("java.version")
                                + ")");
        layOut(aquifer);
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(" ".repeat(3 - String.valueOf(code.code).length()) + code.code, code.meaning);
        }
        aquifer.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%n@|bold Exit codes:|@%n")
                .exitCodeList(codes)
                .footerHeading("%n@|bold Examples:|@%n");
        return aquifer;
    }

    private static void layOut(CommandLine command) {
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        usage.synopsisHeading("%n@|bold Usage:|@ ")
                .parameterListHeading("%n@|bold Operands:|@%n")
                .optionListHeading("%n@|bold Options:|@%n")
                .commandListHeading("%n@|bold Commands:|@%n")
                .sortOptions(false);
        if (usage.description().length > 0) {
            usage.descriptionHeading("%n");
        }
        command.getSubcommands().values().forEach(Main::layOut);
    }

    private static int failed(Surroundings surroundings, Exception thrown) {
        if (thrown instanceof CommandException refused) {
            return refuse(surroundings, refused.exitCode(), String.valueOf(refused.getMessage()));
        }
        if ("1".equals(surroundings.environment().get("AQUIFER_TRACE"))) {
            thrown.printStackTrace(surroundings.err());
        }
        return refuse(
                surroundings,
                ExitCode.INTERNAL,
                "a fault in Aquifer itself: "
                        + thrown
                        + "\n"
                        + "Please report it with the lines above; AQUIFER_TRACE=1 shows every"
                        + " call.");
    }

    private static int refuse(Surroundings surroundings, ExitCode code, String message) {
        PrintStream err = surroundings.err();
        err.println("aquifer: " + message);
        return code.code;
    }
}
