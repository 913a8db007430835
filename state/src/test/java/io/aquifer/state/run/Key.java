package io.aquifer.state.run;

import java.util.Arrays;

/// An entry's key, in the order of a run.
record Key(long routing, int kind, byte[] bytes) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
        int order = Long.compareUnsigned(routing, other.routing);
        if (order == 0) {
            order = Integer.compare(kind, other.kind);
        }
        return order != 0 ? order : Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && compareTo(key) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(routing) * 31 + kind + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "%016x/%d/%d bytes, hash %x"
                .formatted(routing, kind, bytes.length, Arrays.hashCode(bytes));
    }
}
