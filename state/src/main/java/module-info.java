import org.jspecify.annotations.NullMarked;

/// State and users' structures as bytes on pages of managed memory: tables of values, lists and
/// maps, lists of records, bits, and a sorter that spills. Knows neither types nor operators.
@NullMarked
module io.aquifer.state {
    requires static transitive org.jspecify;
    requires transitive io.aquifer.memory;

    exports io.aquifer.state;
    exports io.aquifer.state.file;
    exports io.aquifer.state.run;
    exports io.aquifer.state.spill;
}
