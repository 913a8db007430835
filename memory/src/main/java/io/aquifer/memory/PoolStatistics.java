package io.aquifer.memory;

/// One pool at one moment.
///
/// **Invariant**: `heldBytes <= residentBytes <= limitBytes`, and `heldBytes <= heldBytesMax`.
///
/// @param name the pool's name
/// @param limitBytes the most it may hold now
/// @param heldBytes what its leases hold
/// @param heldBytesMax the most they ever held
/// @param residentBytes what is held plus released pages that were not yet decommitted; for heap
///   pools what is held
public record PoolStatistics(
        String name, long limitBytes, long heldBytes, long heldBytesMax, long residentBytes) {

    public PoolStatistics {
        if (heldBytes < 0
                || heldBytes > residentBytes
                || residentBytes > limitBytes
                || heldBytes > heldBytesMax) {
            throw new IllegalStateException(
                    "pool '"
                            + name
                            + "' broke 0 <= held <= resident <= limit: held "
                            + heldBytes
                            + ", resident "
                            + residentBytes
                            + ", limit "
                            + limitBytes
                            + ", most held "
                            + heldBytesMax
                            + ". This is a bug in the ledger.");
        }
    }

    public long freeBytes() {
        return limitBytes - heldBytes;
    }
}
