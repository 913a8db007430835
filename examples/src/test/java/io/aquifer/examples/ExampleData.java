package io.aquifer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/// Finds the data that comes with the examples. A file that is not there fails the test that asks
/// for it.
final class ExampleData {
    private ExampleData() {}

    static Path file(String name) {
        String home = System.getProperty("aquifer.home");
        assertThat(home).as("system property aquifer.home, the source tree's root").isNotNull();
        Path file = Path.of(home, "examples", "data", name);
        assertThat(file).isRegularFile();
        return file;
    }
}
