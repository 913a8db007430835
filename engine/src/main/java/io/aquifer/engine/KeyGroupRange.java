package io.aquifer.engine;

/// The key groups of one subtask, as Flink divides them: `first` and `last` included.
///
/// @param maxParallelism how many groups there are in all
record KeyGroupRange(int first, int last, int maxParallelism) {
    static KeyGroupRange of(int subtask, int parallelism, int maxParallelism) {
        int first = (subtask * maxParallelism + parallelism - 1) / parallelism;
        int last = ((subtask + 1) * maxParallelism - 1) / parallelism;
        return new KeyGroupRange(first, last, maxParallelism);
    }

    boolean contains(int keyGroup) {
        return keyGroup >= first && keyGroup <= last;
    }
}
