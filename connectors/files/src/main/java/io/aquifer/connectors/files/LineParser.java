package io.aquifer.connectors.files;

import io.aquifer.api.connector.SourceOutput;

import java.nio.charset.StandardCharsets;

/// Makes a record of a line.
interface LineParser<T> {
    /// Whether lines of nothing but blanks are no rows.
    boolean passesOverBlankLines();

    /// Hands over the line's record, or rejects the line once.
    ///
    /// @param place the row's number, or `byte N`
    void parse(byte[] bytes, int from, int to, String place, SourceOutput<T> output);

    /// The line itself as text.
    record OfText(String source) implements LineParser<String> {
        @Override
        public boolean passesOverBlankLines() {
            return false;
        }

        @Override
        public void parse(
                byte[] bytes, int from, int to, String place, SourceOutput<String> output) {
            int wrong = Utf8.firstMalformed(bytes, from, to, false);
            String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            if (wrong >= 0) {
                RowSplitReader.reject(
                        output,
                        source,
                        place,
                        "",
                        FieldKind.NOT_UTF8,
                        "byte " + (wrong - from) + " of the line: " + text);
            } else {
                output.collect(text);
            }
        }
    }
}
