package io.aquifer.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Compiles a job's source file with `javac` in a process of its own, so that the job's memory does
/// not pay for the compiler, and keeps the classes by the hash of source and class path.
///
/// **Invariant**: a directory in the cache is complete, since it is renamed into place; two starts
/// at once may both compile, and one result wins.
///
/// **Threads.** Any thread. [#compile] waits for the compiler, about a second.
final class JobCompiler {
    private final Path cache;
    private final Path javac;
    private final String classPath;

    /// @param cache where compiled jobs are kept; made when it is missing
    /// @param classPath what the job may import, as `javac -cp` takes it
    JobCompiler(Path cache, Path javac, String classPath) {
        this.cache = cache;
        this.javac = javac;
        this.classPath = classPath;
    }

    /// The classes of a source file, compiled now or earlier.
    ///
    /// @throws CommandException if it does not compile, with the compiler's own lines
    Path compile(Path source) {
        try {
            byte[] text = Files.readAllBytes(source);
            Path classes = cache.resolve(key(source, text));
            if (!Files.isDirectory(classes)) {
                Files.createDirectories(cache);
                Path fresh = Files.createTempDirectory(cache, "compiling-");
                try {
                    run(source, fresh);
                    publish(fresh, classes);
                } finally {
                    delete(fresh);
                }
            }
            return classes;
        } catch (IOException failed) {
            throw new CommandException(
                    ExitCode.INPUT_OUTPUT,
                    "cannot compile '"
                            + source
                            + "': "
                            + failed.getMessage()
                            + ".\nCheck that "
                            + cache
                            + " is writable.",
                    failed);
        }
    }

    private void run(Path source, Path classes) throws IOException {
        if (!Files.isExecutable(javac)) {
            throw new CommandException(
                    ExitCode.INSTALLATION,
                    "'"
                            + source
                            + "' must be compiled, and there is no compiler at "
                            + javac
                            + ".\nInstall a JDK 25 (not a run-time only), or give a jar.");
        }
        Process process =
                new ProcessBuilder(
                                javac.toString(),
                                "-J-XX:TieredStopAtLevel=1",
                                "-J-XX:+UseSerialGC",
                                "-encoding",
                                "UTF-8",
                                "-g",
                                "-parameters",
                                "-proc:none",
                                "-cp",
                                classPath,
                                "-d",
                                classes.toString(),
                                source.toString())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new CommandException(
                        ExitCode.JOB_UNUSABLE,
                        "'"
                                + source
                                + "' does not compile.\n"
                                + output
                                + "\nCorrect the lines above and run it again.");
            }
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new CommandException(
                    ExitCode.INTERRUPTED,
                    "interrupted while compiling '" + source + "'.",
                    interrupted);
        }
    }

    /// Source, its name and the time and size of every library: an engine built anew compiles anew.
    private String key(Path source, byte[] text) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
        digest.update(text);
        digest.update(source.toString().getBytes(StandardCharsets.UTF_8));
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path library = Path.of(entry);
            String stamp =
                    Files.exists(library) ? Files.getLastModifiedTime(library).toString() : "";
            digest.update((entry + stamp).getBytes(StandardCharsets.UTF_8));
        }
        digest.update(
                System.getProperty("java.runtime.version", "").getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }

    private static void publish(Path fresh, Path classes) throws IOException {
        try {
            Files.move(fresh, classes, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException unsupported) {
            throw unsupported;
        } catch (FileSystemException raced) {
            if (!Files.isDirectory(classes)) {
                throw raced;
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
