import org.jspecify.annotations.NullMarked;

/// For tests of jobs and functions: one operator by hand, a clock by hand, seeds, and a guard
/// against leaks.
@NullMarked
module io.aquifer.testkit {
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;
    requires static transitive org.junit.jupiter.params;
    requires transitive io.aquifer.api;
    requires transitive io.aquifer.memory;
    requires io.aquifer.engine;

    exports io.aquifer.testkit;
}
