package io.aquifer.api.types;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;

/// Compiles Java source into a directory, for classes that must live in another loader or module.
final class CompiledSources {
    private CompiledSources() {}

    /// @param sources by file name relative to a source root, such as `flights/model/Flight.java`
    /// @param options for the compiler
    /// @return the directory of the classes
    static Path compile(Path directory, Map<String, String> sources, String... options) {
        try {
            Path root = Files.createDirectories(directory.resolve("src"));
            Path classes = Files.createDirectories(directory.resolve("classes"));
            List<String> arguments = new ArrayList<>(List.of(options));
            arguments.addAll(List.of("-proc:none", "-d", classes.toString()));
            for (Map.Entry<String, String> source : sources.entrySet()) {
                Path file = root.resolve(source.getKey());
                Files.createDirectories(file.getParent());
                Files.writeString(file, source.getValue());
                arguments.add(file.toString());
            }
            StringWriter messages = new StringWriter();
            PrintWriter writer = new PrintWriter(messages);
            ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
            if (javac.run(writer, writer, arguments.toArray(String[]::new)) != 0) {
                throw new IllegalArgumentException(
                        "the test's source does not compile: " + messages);
            }
            return classes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
