package io.aquifer.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The command line as the user wrote it: what is Aquifer's, what is the job's, and how to write it
/// again.
///
/// Immutable; any thread.
///
/// @param launcher what Aquifer was started by, such as `./aquifer`
/// @param words what followed it
record CommandWords(String launcher, List<String> words) {
    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    CommandWords {
        words = List.copyOf(words);
    }

    /// The words before `--`.
    List<String> own() {
        int dashes = words.indexOf("--");
        return dashes < 0 ? words : words.subList(0, dashes);
    }

    /// The words after `--`: not for Aquifer's parser.
    List<String> forJob() {
        int dashes = words.indexOf("--");
        return dashes < 0 ? List.of() : words.subList(dashes + 1, words.size());
    }

    /// The line for a shell that resumes what this one started: the same without `--force`, which
    /// is for a first start, and without `--from-checkpoint`, which would go back again.
    String resuming() {
        List<String> line = new ArrayList<>();
        line.add(quoted(launcher));
        boolean skipValue = false;
        List<String> own = own();
        for (String word : own) {
            boolean back = word.equals("--from-checkpoint");
            if (!skipValue
                    && !back
                    && !word.equals("--force")
                    && !word.startsWith("--from-checkpoint=")) {
                line.add(quoted(word));
            }
            skipValue = back;
        }
        words.subList(own.size(), words.size()).forEach(word -> line.add(quoted(word)));
        return String.join(" ", line);
    }

    /// A word as a POSIX shell reads it back to the letter.
    static String quoted(String word) {
        return BARE.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
