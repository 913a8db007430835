import org.jspecify.annotations.NullMarked;

/// Files as sources and sinks: CSV, JSON lines, text, gzip and Parquet (read), into and from
/// records by column name.
@NullMarked
@SuppressWarnings("requires-automatic") // Hardwood has no module descriptor yet
module io.aquifer.connectors.files {
    requires transitive io.aquifer.api;
    requires com.fasterxml.jackson.core;
    requires de.siegmar.fastcsv;
    requires dev.hardwood.core;
    requires static org.jspecify;

    exports io.aquifer.connectors.files;
}
