package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

class JobProgramTest {
    @TempDir Path folder;

    @Test
    void run_sourceWithSeveralClasses_callsItsMainWithTheArguments() throws Throwable {
        Path job =
                source(
                        "Job.java",
                        """
                        package demo;
                        record Row(String text) {}
                        public class Job {
                            public static void main(String[] args) {
                                System.setProperty("aquifer.test.job", new Row(String.join("+", args)).text());
                            }
                        }
                        """);
        JobProgram.load(job, compiler()).run(new String[] {"--input", "a b"});
        assertThat(System.getProperty("aquifer.test.job")).isEqualTo("--input+a b");
    }

    @Test
    void run_compactSourceFile_isStartedAsJavaStartsIt() throws Throwable {
        Path job =
                source(
                        "Compact.java",
                        "void main() { System.setProperty(\"aquifer.test.compact\", \"yes\"); }");
        JobProgram.load(job, compiler()).run(new String[0]);
        assertThat(System.getProperty("aquifer.test.compact")).isEqualTo("yes");
    }

    @Test
    void run_mainThrows_passesTheExceptionOn() throws IOException {
        Path job =
                source(
                        "Boom.java",
                        "public class Boom { public static void main(String[] a) { throw new"
                                + " IllegalStateException(\"boom\"); } }");
        JobProgram program = JobProgram.load(job, compiler());
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> program.run(new String[0]))
                .withMessage("boom");
    }

    @Test
    void load_sameSourceTwice_compilesOnceAndAnewAfterAnEdit() throws IOException {
        Path job =
                source("Job.java", "public class Job { public static void main(String[] a) {} }");
        JobProgram.load(job, compiler());
        JobProgram.load(job, compiler());
        assertThat(compiled()).isEqualTo(1);
        source(
                "Job.java",
                "public class Job { public static void main(String[] a) { a[0] = null; } }");
        JobProgram.load(job, compiler());
        assertThat(compiled()).isEqualTo(2);
    }

    @Test
    void load_sourceWithAnError_showsTheCompilersLineAndLeavesNothing() throws IOException {
        Path job = source("Bad.java", "public class Bad {\n    int x = \"text\";\n}\n");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> JobProgram.load(job, compiler()))
                .withMessageContaining("Bad.java' does not compile.")
                .withMessageContaining("Bad.java:2: error: incompatible types")
                .satisfies(
                        refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.JOB_UNUSABLE));
        assertThat(compiled()).isZero();
    }

    @Test
    void load_filesThatAreNoJobs_saysWhatAndWhatToDo() throws IOException {
        refused(folder.resolve("none.java"), "no job file '", "Give a Java source file or a jar");
        refused(folder, "is a directory", "Give a Java source file or a jar");
        refused(source("job.txt", "x"), "is neither a .java source file nor a .jar", "Rename it");
        refused(
                source("Plain.java", "class Plain {}"),
                "has no main method",
                "public static void main");
        refused(
                source(
                        "Two.java",
                        "class A { static void main() {} } class B { static void main() {} }"),
                "main methods in A, B",
                "Keep one main method");
        refused(source("broken.jar", "no zip"), "cannot be read as a jar", "Build it again");
        refused(jar("plain.jar", null), "has no Main-Class", "--main-class");
        refused(jar("missing.jar", "no.Such"), "there is no class no.Such in", "build again");
    }

    private void refused(Path file, String what, String action) {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> JobProgram.load(file, compiler()))
                .withMessageContaining(what)
                .withMessageContaining(action)
                .satisfies(
                        refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.JOB_UNUSABLE));
    }

    private JobCompiler compiler() {
        return new JobCompiler(
                folder.resolve("cache"),
                Path.of(System.getProperty("java.home"), "bin", "javac"),
                System.getProperty("java.class.path"));
    }

    private long compiled() throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve("cache"))) {
            return entries.count();
        }
    }

    private Path source(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path jar(String name, @org.jspecify.annotations.Nullable String mainClass)
            throws IOException {
        Path file = folder.resolve(name);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (mainClass != null) {
            manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
        }
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            jar.putNextEntry(new ZipEntry("readme.txt"));
            jar.closeEntry();
        }
        return file;
    }
}
