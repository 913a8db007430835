package io.aquifer.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Every Java file is formatted by google-java-format in AOSP style. `./format` does it.
class FormatTest {
    private static final boolean WRITE = Boolean.getBoolean("format.write");

    @Test
    void everyJavaFile_isFormatted() throws Exception {
        Formatter formatter =
                new Formatter(
                        JavaFormatterOptions.builder()
                                .style(JavaFormatterOptions.Style.AOSP)
                                .build());
        List<Path> unformatted = new ArrayList<>();
        List<Path> files = ProjectFiles.withSuffix(".java");
        assertThat(files).hasSizeGreaterThan(50);
        for (Path file : files) {
            String text = Files.readString(file);
            String formatted = format(formatter, text);
            if (!formatted.equals(text)) {
                unformatted.add(ProjectFiles.ROOT.relativize(file));
                if (WRITE) {
                    Files.writeString(file, formatted);
                }
            }
        }
        if (!WRITE) {
            assertThat(unformatted).as("files to format: run ./format").isEmpty();
        }
    }

    /// Formats until nothing changes: a comment that is wrapped may be wrapped once more.
    private static String format(Formatter formatter, String text) throws FormatterException {
        String before = text;
        for (int round = 0; round < 5; round++) {
            String after = formatter.formatSourceAndFixImports(before);
            if (after.equals(before)) {
                return after;
            }
            before = after;
        }
        return before;
    }
}
