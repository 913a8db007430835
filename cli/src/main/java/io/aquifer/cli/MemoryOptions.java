package io.aquifer.cli;

import io.aquifer.memory.AllocationPolicy;
import io.aquifer.memory.MemoryConfigurationException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.LinkedHashMap;
import java.util.Map;

/// The options of `run` and `demo` about how memory is shared, and what the engine is told of them.
final class MemoryOptions {
    @Option(
            names = "--memory-policy",
            paramLabel = "POLICY",
            description = {
                "Who may have how much when memory is short: elastic (default),",
                "fair-share, fixed, fixed(windows=0.6,join=0.3), priority."
            })
    private @Nullable String policy;

    @Option(
            names = "--memory-trace",
            paramLabel = "FILE",
            description = "Record requests for memory, for `aquifer memory replay FILE`.")
    private @Nullable String trace;

    /// The engine's system properties, without those that were not asked for.
    ///
    /// @throws CommandException if a value cannot be
    Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        if (policy != null) {
            try {
                properties.put("aquifer.memory.policy", AllocationPolicy.parse(policy).name());
            } catch (MemoryConfigurationException unknown) {
                throw new CommandException(
                        ExitCode.USAGE, "--memory-policy: " + unknown.getMessage());
            }
        }
        if (trace != null) {
            if (trace.isBlank()) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--memory-trace: the name of the file is empty. Write a file, such as"
                                + " --memory-trace memory.trace.");
            }
            properties.put("aquifer.memory.trace", trace);
        }
        return properties;
    }
}
