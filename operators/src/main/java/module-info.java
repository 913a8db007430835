import org.jspecify.annotations.NullMarked;

/// The operators themselves, written against a small context, so that more than one engine can host
/// them.
@NullMarked
module io.aquifer.operators {
    requires static transitive org.jspecify;
    requires transitive io.aquifer.api;

    exports io.aquifer.operators;
}
