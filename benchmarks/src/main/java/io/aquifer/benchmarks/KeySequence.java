package io.aquifer.benchmarks;

/// A reproducible sequence of keys, uniform over `0 .. keys - 1`, the same for every engine.
///
/// Marsaglia's xorshift64* decides, and the high half of a 128-bit product brings its 64 bits into
/// range, so a key costs about a nanosecond and no division. Used by one thread.
public final class KeySequence {
    private final long keys;
    private long state;

    /// @param seed any number; two seeds give unrelated sequences
    /// @param keys how many different keys there are, at least 1
    public KeySequence(long seed, long keys) {
        if (keys < 1) {
            throw new IllegalArgumentException("a key sequence needs at least 1 key, not " + keys);
        }
        this.keys = keys;
        long mixed = mix(seed + 0x9E3779B97F4A7C15L);
        this.state = mixed == 0 ? 0x9E3779B97F4A7C15L : mixed;
    }

    public long next() {
        long x = state;
        x ^= x >>> 12;
        x ^= x << 25;
        x ^= x >>> 27;
        state = x;
        return Math.unsignedMultiplyHigh(x * 0x2545F4914F6CDD1DL, keys);
    }

    /// SplitMix64's finalizer: neighbouring seeds must not give neighbouring states.
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
