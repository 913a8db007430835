package io.aquifer.state.run;

/// Keys to be looked up together and, afterwards, what was found. To be used again after [#clear].
/// Belongs to one thread, but while [Runs#find(FindBatch, java.util.concurrent.Executor, int)] has
/// it.
public final class FindBatch {
    /// The most keys of one batch.
    public static final int KEYS_MAX = 1 << 20;

    /// Adds a key, of which a copy is kept, and returns its index: 0, 1, 2 and so on.
    public int add(long routing, int kind, byte[] key, int offset, int length) {
        return 0;
    }

    /// Keys added.
    public int count() {
        return 0;
    }

    /// What was found of the key with an index.
    public Found found(int index) {
        throw new UnsupportedOperationException("being written");
    }

    /// Where the value of a key is, if [#found] says that there is one.
    public byte[] valueArray(int index) {
        throw new UnsupportedOperationException("being written");
    }

    public int valueOffset(int index) {
        return 0;
    }

    public int valueLength(int index) {
        return 0;
    }

    /// Forgets keys and answers, and memory beyond 1 MiB.
    public void clear() {}
}
