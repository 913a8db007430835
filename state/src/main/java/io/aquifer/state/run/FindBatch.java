package io.aquifer.state.run;

import java.util.Arrays;
import java.util.Objects;

/// Keys to be looked up together and, afterwards, what was found. To be used again after [#clear].
///
/// **Threads.** One at a time; those that [Runs#find(FindBatch, java.util.concurrent.Executor,
/// int)] uses besides have left when it returns.
public final class FindBatch {
    /// The most keys of one batch.
    public static final int KEYS_MAX = 1 << 20;

    private static final int KEPT_KEYS = 1 << 14;
    private static final int KEPT_BYTES = 1 << 20;
    private static final byte[] NOTHING = {};

    private int count;
    private byte[] keys = new byte[1024];
    private int keyEnd;
    private long[] routings = new long[64];
    private byte[] kinds = new byte[64];
    private int[] keyOffsets = new int[64];
    private int[] keyLengths = new int[64];

    // Answers, each written by the one thread that has its key.
    private final Answers answers = new Answers();

    /// The keys in their order, by index.
    private int[] order = new int[64];

    /// Where the values are.
    private static final class Answers {
        Found[] found = new Found[64];
        byte[][] arrays = new byte[64][];
        int[] offsets = new int[64];
        int[] lengths = new int[64];
    }

    /// An empty one.
    public FindBatch() {}

    /// Adds a key, of which a copy is kept, and returns its index: 0, 1, 2 and so on.
    ///
    /// @throws IllegalStateException if there is no room: [#KEYS_MAX] keys of 1 GiB are the most
    public int add(long routing, int kind, byte[] key, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, key.length);
        if (count == KEYS_MAX || keyEnd > (1 << 30) - length) {
            throw new IllegalStateException(
                    "a batch takes %,d keys of %,d bytes together; it has %,d of %,d bytes"
                            .formatted(KEYS_MAX, 1 << 30, count, keyEnd));
        }
        reserve(length);
        System.arraycopy(key, offset, keys, keyEnd, length);
        routings[count] = routing;
        kinds[count] = (byte) kind;
        keyOffsets[count] = keyEnd;
        keyLengths[count] = length;
        answers.found[count] = Found.ABSENT;
        answers.arrays[count] = NOTHING;
        answers.offsets[count] = 0;
        answers.lengths[count] = 0;
        keyEnd += length;
        return count++;
    }

    private void reserve(int length) {
        if (keyEnd + length > keys.length) {
            keys = Arrays.copyOf(keys, Math.max(keyEnd + length, keys.length * 2));
        }
        if (count == routings.length) {
            resize(count * 2);
        }
    }

    private void resize(int size) {
        routings = Arrays.copyOf(routings, size);
        kinds = Arrays.copyOf(kinds, size);
        keyOffsets = Arrays.copyOf(keyOffsets, size);
        keyLengths = Arrays.copyOf(keyLengths, size);
        answers.found = Arrays.copyOf(answers.found, size);
        answers.arrays = Arrays.copyOf(answers.arrays, size);
        answers.offsets = Arrays.copyOf(answers.offsets, size);
        answers.lengths = Arrays.copyOf(answers.lengths, size);
    }

    /// Keys added.
    public int count() {
        return count;
    }

    /// What was found of the key with an index; ABSENT before it was looked up.
    public Found found(int index) {
        return answers.found[Objects.checkIndex(index, count)];
    }

    /// Where the value of a key is, if [#found] says that there is one.
    public byte[] valueArray(int index) {
        return answers.arrays[Objects.checkIndex(index, count)];
    }

    public int valueOffset(int index) {
        return answers.offsets[Objects.checkIndex(index, count)];
    }

    public int valueLength(int index) {
        return answers.lengths[Objects.checkIndex(index, count)];
    }

    /// Forgets keys and answers, and memory beyond about 2 MiB.
    public void clear() {
        Arrays.fill(answers.arrays, 0, count, NOTHING);
        count = 0;
        keyEnd = 0;
        if (keys.length > KEPT_BYTES) {
            keys = new byte[1024];
        }
        if (routings.length > KEPT_KEYS) {
            resize(64);
            order = new int[64];
        }
    }

    /// Makes the answers ABSENT and [#inOrder] right.
    void sort() {
        if (order.length < count) {
            order = new int[routings.length];
        }
        for (int i = 0; i < count; i++) {
            order[i] = i;
            answer(i, Found.ABSENT, NOTHING, 0, 0);
        }
        IndexSort.sort(order, count, this::compare);
    }

    private int compare(int first, int second) {
        int byRouting = Long.compareUnsigned(routings[first], routings[second]);
        if (byRouting != 0) {
            return byRouting;
        }
        if (kinds[first] != kinds[second]) {
            return kinds[first] - kinds[second];
        }
        return Arrays.compareUnsigned(
                keys,
                keyOffsets[first],
                keyOffsets[first] + keyLengths[first],
                keys,
                keyOffsets[second],
                keyOffsets[second] + keyLengths[second]);
    }

    /// The index of the key at a place in the order of entries.
    int inOrder(int place) {
        return order[place];
    }

    long routing(int index) {
        return routings[index];
    }

    int kind(int index) {
        return kinds[index];
    }

    byte[] keyArray() {
        return keys;
    }

    int keyOffset(int index) {
        return keyOffsets[index];
    }

    int keyLength(int index) {
        return keyLengths[index];
    }

    void answer(int index, Found found, byte[] array, int offset, int length) {
        answers.found[index] = found;
        answers.arrays[index] = array;
        answers.offsets[index] = offset;
        answers.lengths[index] = length;
    }
}
