package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Locale;

/// How the rows of a file are written. All but [#PARQUET] may be compressed with gzip, which the
/// ending `.gz` says.
public enum FileFormat {
    /// Comma-separated, RFC 4180, with a header; `.csv`.
    CSV,
    /// As [#CSV] with tabs instead of commas; `.tsv`.
    TSV,
    /// A JSON object a line; `.jsonl`, `.ndjson`.
    JSON_LINES,
    /// Apache Parquet with flat columns; `.parquet`.
    PARQUET,
    /// A line is a record; only through [FileSource#text].
    TEXT;

    static final String ENDINGS = ".csv, .tsv, .jsonl, .ndjson (each also with .gz) and .parquet";

    /// The format that the file's ending tells, null when it tells none.
    static @Nullable FileFormat byName(Path file) {
        String name = lowerName(file);
        boolean gzip = name.endsWith(".gz");
        String plain = gzip ? name.substring(0, name.length() - 3) : name;
        return switch (plain.substring(plain.lastIndexOf('.') + 1)) {
            case "csv" -> CSV;
            case "tsv" -> TSV;
            case "jsonl", "ndjson" -> JSON_LINES;
            case "parquet" -> gzip ? null : PARQUET;
            default -> null;
        };
    }

    static boolean isGzip(Path file) {
        return lowerName(file).endsWith(".gz");
    }

    private static String lowerName(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    }
}
