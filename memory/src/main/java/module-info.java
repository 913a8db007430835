import org.jspecify.annotations.NullMarked;

/// One memory budget for the process: pools, pages, leases and their ledger. Knows nothing of
/// streams.
///
/// Addresses are unchecked in production, so `kernel` is open only to the two modules that validate
/// their offsets themselves.
@NullMarked
@SuppressWarnings("module") // the two readers of `kernel` are built after this module
module io.aquifer.memory {
    requires static org.jspecify;
    requires jdk.jfr;

    exports io.aquifer.memory;
    exports io.aquifer.memory.kernel to
            io.aquifer.state,
            io.aquifer.engine;
}
