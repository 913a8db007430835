import org.jspecify.annotations.NullMarked;

/// One memory budget for the process: pools, pages, leases and their ledger. Knows nothing of streams.
@NullMarked
module io.aquifer.memory {
    requires static org.jspecify;

    exports io.aquifer.memory;
}
