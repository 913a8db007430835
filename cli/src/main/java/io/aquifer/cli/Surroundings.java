package io.aquifer.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/// What a command needs from outside: streams, environment, and the folders the launcher named.
///
/// Immutable; any thread.
///
/// @param launcher what the user started, such as `./aquifer`
/// @param home the folder Aquifer lies in
/// @param cache where compiled jobs are kept
record Surroundings(
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        String launcher,
        Path home,
        Path cache) {

    static Surroundings ofProcess() {
        Path home = Path.of(System.getProperty("aquifer.home", "."));
        Path cache =
                Path.of(System.getProperty("aquifer.cache", home.resolve(".aquifer").toString()));
        String launcher = System.getProperty("aquifer.launcher", "aquifer");
        return new Surroundings(System.out, System.err, System.getenv(), launcher, home, cache);
    }

    /// The compiler of the JDK this runs on, with what this runs on as the job's class path.
    JobCompiler compiler() {
        Path javac = Path.of(System.getProperty("java.home"), "bin", "javac");
        return new JobCompiler(cache.resolve("jobs"), javac, System.getProperty("java.class.path"));
    }
}
