import org.jspecify.annotations.NullMarked;

/// Keyed state as bytes on pages of managed memory: tables of values, lists and maps. Knows neither
/// types nor operators.
@NullMarked
module io.aquifer.state {
    requires static org.jspecify;
    requires transitive io.aquifer.memory;

    exports io.aquifer.state;
    exports io.aquifer.state.file;
}
