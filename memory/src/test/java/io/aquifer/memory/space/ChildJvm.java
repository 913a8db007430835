package io.aquifer.memory.space;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A virtual machine of its own with this one's class path, for flags that hold from the start and
/// for faults that might end it.
///
/// @param exitCode 0 if it ended by itself
/// @param output what it printed, errors included
record ChildJvm(int exitCode, String output) {

    /// @param flags separated by spaces
    static ChildJvm run(String flags, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-Xmx64m", "-XX:+UseSerialGC", "-XX:-CreateCoredumpOnCrash"));
        command.addAll(List.of("-XX:ErrorFile=/dev/stderr"));
        if (!flags.isEmpty()) {
            command.addAll(List.of(flags.split(" ")));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        return new ChildJvm(process.waitFor(), output);
    }
}
