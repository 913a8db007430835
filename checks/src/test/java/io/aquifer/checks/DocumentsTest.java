package io.aquifer.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the documents point at is there.
class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)");

    @Test
    void links_toFilesOfTheProject_resolve() throws Exception {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : ProjectFiles.withSuffix(".md")) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                String target = link.group(1);
                if (!target.startsWith("http")) {
                    links++;
                    if (!Files.exists(document.resolveSibling(target))) {
                        broken.add(ProjectFiles.ROOT.relativize(document) + ": " + target);
                    }
                }
            }
        }
        assertThat(links).isPositive();
        assertThat(broken).as("links that lead nowhere").isEmpty();
    }
}
