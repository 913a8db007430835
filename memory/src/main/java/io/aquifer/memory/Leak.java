package io.aquifer.memory;

/// One lease that was still open when it should not have been.
///
/// @param owner who held it, such as `flights / windows (1/2) / cells`
/// @param kind what it held
/// @param pool the name of the pool it came from
/// @param bytes what it held, 0 if it was open but empty
/// @param site where it was taken, one stack frame per line; empty unless that was traced:
///   `-Daquifer.memory.leak-trace` is `full`, `sampled` (one in 128, the default) or `off`
public record Leak(String owner, Kind kind, String pool, long bytes, String site) {

    /// What a lease holds.
    public enum Kind {
        PAGES,
        BYTES
    }

    @Override
    public String toString() {
        String amount =
                kind == Kind.PAGES
                        ? Lease.pagesText(bytes / MemoryManager.PAGE_SIZE_BYTES)
                        : MemorySize.text(bytes);
        return "'"
                + owner
                + "' held "
                + amount
                + " of pool '"
                + pool
                + "'"
                + (site.isEmpty() ? "" : ", taken at\n" + site);
    }
}
