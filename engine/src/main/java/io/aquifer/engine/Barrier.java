package io.aquifer.engine;

/// What separates the records of one checkpoint from those of the next, on its way through every
/// channel.
///
/// @param stop whether the job ends here: nothing follows
record Barrier(long checkpoint, boolean stop) {
    /// As one number, for the channels.
    long encoded() {
        return checkpoint << 1 | (stop ? 1 : 0);
    }

    static Barrier decoded(long encoded) {
        return new Barrier(encoded >>> 1, (encoded & 1) != 0);
    }
}
