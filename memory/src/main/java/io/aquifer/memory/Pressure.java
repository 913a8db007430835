package io.aquifer.memory;

/// How near managed memory is to the most it can reach, counting what it may still borrow.
public enum Pressure {
    /// Under 75 %.
    LOW,
    /// From 75 %.
    MODERATE,
    /// From 90 %.
    HIGH,
    /// From 97 %.
    CRITICAL;

    static Pressure of(long heldBytes, long reachableBytes) {
        double used = reachableBytes <= 0 ? 0 : (double) heldBytes / reachableBytes;
        if (used >= 0.97) {
            return CRITICAL;
        }
        if (used >= 0.90) {
            return HIGH;
        }
        return used >= 0.75 ? MODERATE : LOW;
    }
}
