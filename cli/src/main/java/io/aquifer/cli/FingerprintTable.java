package io.aquifer.cli;

import java.util.Arrays;

/// Fingerprints of values by fingerprints of keys, in a table of a size fixed at the start: 25
/// bytes a place. A key can be marked as seen. **Threads.** One at a time.
final class FingerprintTable {
    static final int BYTES_PER_PLACE = 3 * Long.BYTES + 1;

    private static final byte TAKEN = 1;
    private static final byte SEEN = 2;

    private final long[] firsts;
    private final long[] seconds;
    private final long[] values;
    private final byte[] states;
    private int size;
    private int seen;

    /// @param places a power of two
    FingerprintTable(int places) {
        firsts = new long[places];
        seconds = new long[places];
        values = new long[places];
        states = new byte[places];
    }

    /// How many keys go in.
    int capacity() {
        return firsts.length / 4 * 3;
    }

    int size() {
        return size;
    }

    /// How many were marked.
    int seen() {
        return seen;
    }

    void clear() {
        Arrays.fill(states, (byte) 0);
        size = 0;
        seen = 0;
    }

    /// Adds a key; one that is there gets the new value.
    ///
    /// @return false, with nothing changed, when the table is full
    boolean put(long first, long second, long value) {
        int at = find(first, second);
        if (states[at] == 0) {
            if (size == capacity()) {
                return false;
            }
            firsts[at] = first;
            seconds[at] = second;
            states[at] = TAKEN;
            size++;
        }
        values[at] = value;
        return true;
    }

    /// The place of a key, or -1.
    int placeOf(long first, long second) {
        int at = find(first, second);
        return states[at] == 0 ? -1 : at;
    }

    long valueAt(int place) {
        return values[place];
    }

    boolean isSeen(int place) {
        return states[place] == SEEN;
    }

    void markSeen(int place) {
        if (states[place] != SEEN) {
            states[place] = SEEN;
            seen++;
        }
    }

    private int find(long first, long second) {
        int mask = firsts.length - 1;
        int at = (int) second & mask;
        while (states[at] != 0 && (firsts[at] != first || seconds[at] != second)) {
            at = at + 1 & mask;
        }
        return at;
    }
}
