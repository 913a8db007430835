package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a result needs to be read later: the machine, the JVM and the commit.
public final class Machine {
    private Machine() {}

    public static Map<String, Object> describe() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("cpu", firstOf(Path.of("/proc/cpuinfo"), "model name"));
        values.put("cores", Runtime.getRuntime().availableProcessors());
        values.put("memory", firstOf(Path.of("/proc/meminfo"), "MemTotal"));
        values.put("os", System.getProperty("os.name"));
        values.put("kernel", System.getProperty("os.version"));
        values.put("hugePages", contentOf(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
        values.put("jdk", System.getProperty("java.runtime.version"));
        values.put("jdkVendor", System.getProperty("java.vendor"));
        return values;
    }

    /// The commit of the source tree at `home`, with `+` when files differ from it; `unknown`
    /// outside a git checkout.
    public static String commit(Path home) {
        String commit = outputOf(home, "git", "rev-parse", "--short=12", "HEAD");
        if (commit.isEmpty()) {
            return "unknown";
        }
        return outputOf(home, "git", "status", "--porcelain", "--untracked-files=no").isEmpty()
                ? commit
                : commit + "+";
    }

    private static String outputOf(Path directory, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .strip();
            return process.waitFor() == 0 ? output : "";
        } catch (IOException e) {
            return ""; // no git here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static String firstOf(Path file, String field) {
        return contentOf(file)
                .lines()
                .filter(line -> line.startsWith(field) && line.contains(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "unknown"; // not on Linux
        }
    }
}
