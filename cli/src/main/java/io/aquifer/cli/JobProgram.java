package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/// A job's main method, found and ready to be called once.
///
/// Comes from a source file (compiled in a process of its own), from a jar's manifest, or from the
/// class path. A main method is `main(String[])` or `main()`, static or not, as `java` itself would
/// start it.
///
/// **Threads.** Calls [#run] on the caller's thread, with the job's class loader as its context.
final class JobProgram {
    private final String name;
    private final Class<?> type;
    private final Method main;

    private JobProgram(String name, Class<?> type, Method main) {
        this.name = name;
        this.type = type;
        this.main = main;
    }

    /// What the user called it: a file or a demo.
    String name() {
        return name;
    }

    /// Loads a job from `JOB.java` or `job.jar`.
    ///
    /// @param file the file as the user wrote it
    /// @throws CommandException if there is no such file, it does not compile, or it has no main
    ///   method
    static JobProgram load(Path file, JobCompiler compiler) {
        String name = file.toString();
        if (!Files.exists(file)) {
            throw unusable(
                    "no job file '"
                            + name
                            + "' (looked for "
                            + file.toAbsolutePath().normalize()
                            + ").\nGive a Java source file or a jar: aquifer run Job.java");
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw unusable(
                    "job file '"
                            + name
                            + "' is "
                            + (Files.isDirectory(file) ? "a directory" : "not readable")
                            + ".\nGive a Java source file or a jar: aquifer run Job.java");
        }
        if (name.endsWith(".java")) {
            Path classes = compiler.compile(file);
            String stem = String.valueOf(file.getFileName()).replaceFirst("\\.java$", "");
            return fromClasses(name, stem, classes);
        }
        if (name.endsWith(".jar")) {
            return fromJar(name, file);
        }
        throw unusable(
                "job file '"
                        + name
                        + "' is neither a .java source file nor a .jar.\n"
                        + "Rename it, or give one of those: aquifer run Job.java");
    }

    /// Finds a job on the class path.
    ///
    /// @throws CommandException if the class is not there or has no main method
    static JobProgram named(String name, String className) {
        return of(name, className, JobProgram.class.getClassLoader(), "the class path");
    }

    /// Runs the job and waits for it.
    ///
    /// @throws Throwable what the job threw, as it was thrown
    @SuppressWarnings("IllegalThrows")
    void run(String[] args) throws Throwable {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(type.getClassLoader());
        try {
            Object receiver = null;
            if (!Modifier.isStatic(main.getModifiers())) {
                var constructor = type.getDeclaredConstructor();
                constructor.setAccessible(true);
                receiver = constructor.newInstance();
            }
            if (main.getParameterCount() == 0) {
                main.invoke(receiver);
            } else {
                main.invoke(receiver, (Object) args);
            }
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static JobProgram fromClasses(String name, String stem, Path classes) {
        ClassLoader loader = loader(classes);
        List<JobProgram> found;
        try (Stream<Path> files = Files.walk(classes)) {
            found =
                    files.filter(file -> file.toString().endsWith(".class"))
                            .map(file -> classes.relativize(file).toString())
                            .map(path -> path.substring(0, path.length() - 6).replace('/', '.'))
                            .sorted()
                            .map(className -> programOf(name, className, loader))
                            .flatMap(Stream::ofNullable)
                            .toList();
        } catch (IOException unreadable) {
            throw new CommandException(
                    ExitCode.INPUT_OUTPUT,
                    "cannot read the compiled job in " + classes + ": " + unreadable.getMessage(),
                    unreadable);
        }
        for (JobProgram program : found) {
            if (found.size() == 1 || program.type.getSimpleName().equals(stem)) {
                return program;
            }
        }
        if (found.isEmpty()) {
            throw unusable(noMain(name));
        }
        throw unusable(
                "'"
                        + name
                        + "' has main methods in "
                        + String.join(", ", found.stream().map(p -> p.type.getName()).toList())
                        + ", and none of them is called "
                        + stem
                        + ".\nKeep one main method, or name the file after its class.");
    }

    private static JobProgram fromJar(String name, Path file) {
        String mainClass;
        try (JarFile jar = new JarFile(file.toFile())) {
            Manifest manifest = jar.getManifest();
            mainClass =
                    manifest == null
                            ? null
                            : manifest.getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
        } catch (IOException broken) {
            throw unusable(
                    "'"
                            + name
                            + "' cannot be read as a jar: "
                            + broken.getMessage()
                            + ".\nBuild it again.");
        }
        if (mainClass == null) {
            throw unusable(
                    "the manifest of '"
                            + name
                            + "' has no Main-Class.\n"
                            + "Write one when you build it: jar --create --file "
                            + name
                            + " --main-class my.Job ...");
        }
        return of(name, mainClass.strip(), loader(file), "'" + name + "'");
    }

    private static JobProgram of(String name, String className, ClassLoader loader, String place) {
        try {
            JobProgram program = programOf(name, Class.forName(className, false, loader));
            if (program == null) {
                throw unusable(
                        "class "
                                + className
                                + " in "
                                + place
                                + " has no main method.\n"
                                + "Give it a `public static void main(String[] args)` that builds"
                                + " the job and calls env.execute().");
            }
            return program;
        } catch (ClassNotFoundException missing) {
            throw new CommandException(
                    ExitCode.JOB_UNUSABLE,
                    "there is no class "
                            + className
                            + " in "
                            + place
                            + ".\nCheck the name, or build again.",
                    missing);
        }
    }

    private static @Nullable JobProgram programOf(
            String name, String className, ClassLoader loader) {
        try {
            return programOf(name, Class.forName(className, false, loader));
        } catch (ClassNotFoundException removed) {
            return null;
        }
    }

    private static @Nullable JobProgram programOf(String name, Class<?> type) {
        Method withoutArguments = null;
        for (Method method : type.getDeclaredMethods()) {
            if (!method.getName().equals("main")
                    || Modifier.isPrivate(method.getModifiers())
                    || method.isSynthetic()) {
                continue;
            }
            Class<?>[] parameters = method.getParameterTypes();
            if (parameters.length == 1 && parameters[0] == String[].class) {
                method.setAccessible(true);
                return new JobProgram(name, type, method);
            }
            withoutArguments = parameters.length == 0 ? method : withoutArguments;
        }
        if (withoutArguments == null) {
            return null;
        }
        withoutArguments.setAccessible(true);
        return new JobProgram(name, type, withoutArguments);
    }

    /// Lives as long as the process: the job's threads may load classes until the end.
    private static ClassLoader loader(Path place) {
        try {
            return new URLClassLoader(
                    "job", new URL[] {place.toUri().toURL()}, JobProgram.class.getClassLoader());
        } catch (MalformedURLException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static String noMain(String name) {
        return "'"
                + name
                + "' has no main method.\n"
                + "Give it a `public static void main(String[] args)` that builds the job and calls"
                + " env.execute().";
    }

    private static CommandException unusable(String message) {
        return new CommandException(ExitCode.JOB_UNUSABLE, message);
    }
}
