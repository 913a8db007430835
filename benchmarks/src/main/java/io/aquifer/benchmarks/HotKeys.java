package io.aquifer.benchmarks;

/// Keys that all land in one subtask, in Aquifer as in Flink: both hash a key into one of 128 key
/// groups and give each subtask a range of them.
public final class HotKeys {
    private static final int KEY_GROUPS = 128;

    private HotKeys() {}

    /// The subtask, from 0, that `key` lands in.
    ///
    /// @param parallelism at most 85, above which there are more key groups
    public static int subtaskOf(long key, int parallelism) {
        return mix(Long.hashCode(key)) % KEY_GROUPS * parallelism / KEY_GROUPS;
    }

    /// MurmurHash3 (Austin Appleby, public domain) of one int, made non-negative as Flink does.
    private static int mix(int code) {
        int h = code * 0xcc9e2d51;
        h = Integer.rotateLeft(h, 15) * 0x1b873593;
        h = Integer.rotateLeft(h, 13) * 5 + 0xe6546b64;
        h ^= 4;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        h ^= h >>> 16;
        return h == Integer.MIN_VALUE ? 0 : Math.abs(h);
    }

    /// A different number for each number, in no order: SplitMix64's finalizer.
    public static long scattered(long number) {
        long z = number + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
