package io.aquifer.engine;

/// Divides keys into key groups, and key groups into ranges of subtasks, exactly as Flink does, so
/// that state can move.
final class KeyGroups {
    private static final int LEAST = 128;
    private static final int MOST = 1 << 15;

    private KeyGroups() {}

    /// The number of key groups of an operator with `parallelism` subtasks.
    static int maxParallelism(int parallelism) {
        int wanted = parallelism + parallelism / 2;
        int power = wanted <= 1 ? 1 : Integer.highestOneBit(wanted - 1) << 1;
        return Math.clamp(power, LEAST, MOST);
    }

    static int keyGroup(Object key, int maxParallelism) {
        return mix(key.hashCode()) % maxParallelism;
    }

    static int subtask(int keyGroup, int maxParallelism, int parallelism) {
        return keyGroup * parallelism / maxParallelism;
    }

    /// MurmurHash3 (Austin Appleby, public domain) of one int, made non-negative as Flink does.
    static int mix(int code) {
        int h = code * 0xcc9e2d51;
        h = Integer.rotateLeft(h, 15) * 0x1b873593;
        h = Integer.rotateLeft(h, 13) * 5 + 0xe6546b64;
        h ^= 4;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        h ^= h >>> 16;
        return h == Integer.MIN_VALUE ? 0 : Math.abs(h);
    }
}
