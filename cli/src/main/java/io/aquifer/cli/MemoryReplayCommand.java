package io.aquifer.cli;

import io.aquifer.memory.AllocationPolicy;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryReplay;
import io.aquifer.memory.MemoryTraceException;
import io.aquifer.memory.ReplayReport;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// `aquifer memory replay TRACE`: what other allocation policies would have made of a recorded run.
@Command(
        name = "replay",
        header = "Replay a memory trace under each allocation policy, and compare.",
        customSynopsis = "aquifer memory replay TRACE [options]",
        description =
                "A job records a trace with -Daquifer.memory.trace=FILE. Time is virtual, so the"
                        + " same trace gives the same figures; the file is not changed.")
final class MemoryReplayCommand implements Callable<Integer> {
    private static final List<String> ALL = List.of("elastic", "fair-share", "fixed", "priority");

    private final Surroundings surroundings;
    private final MemoryCommand plan;

    @Parameters(paramLabel = "TRACE", description = "The recorded file.")
    private String trace = "";

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            description = {
                "elastic, fair-share, fixed, priority, or parts such as",
                "fixed(windows=0.6,join=0.3); may be repeated (default: those four)."
            })
    private List<String> policies = new ArrayList<>();

    @Option(names = "--json", arity = "0", description = "One JSON object, sizes in bytes.")
    private boolean json;

    /// @param plan the command that this one stands behind
    MemoryReplayCommand(Surroundings surroundings, MemoryCommand plan) {
        this.surroundings = surroundings;
        this.plan = plan;
    }

    @Override
    public Integer call() {
        if (plan.isAsked()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "nothing stands between memory and replay: a size has its plan and a trace its"
                            + " replay.\nWrite aquifer memory replay TRACE [options].");
        }
        List<AllocationPolicy> chosen =
                (policies.isEmpty() ? ALL : policies)
                        .stream().map(MemoryReplayCommand::policy).toList();
        ReplayReport report = replay(chosen);
        if (json) {
            surroundings.out().println(report.json());
        } else {
            report.lines().forEach(surroundings.out()::println);
        }
        return ExitCode.OK.code;
    }

    private static AllocationPolicy policy(String name) {
        try {
            return AllocationPolicy.parse(name);
        } catch (MemoryConfigurationException unknown) {
            throw new CommandException(
                    ExitCode.USAGE, "--policy: " + unknown.getMessage(), unknown);
        }
    }

    private ReplayReport replay(List<AllocationPolicy> chosen) {
        try {
            return MemoryReplay.run(Path.of(trace), chosen);
        } catch (InvalidPathException unusable) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "'" + trace + "' is no name of a file: " + unusable.getReason() + ".",
                    unusable);
        } catch (MemoryTraceException refused) {
            throw new CommandException(
                    ExitCode.INPUT_OUTPUT, String.valueOf(refused.getMessage()), refused);
        }
    }
}
