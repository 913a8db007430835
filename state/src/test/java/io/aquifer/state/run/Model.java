package io.aquifer.state.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What runs should say, as plain maps: the oracle of the model tests.
final class Model {
    private Model() {}

    /// What an entry does.
    record Change(EntryOp op, byte[] value) {
        static final Change DELETE = new Change(EntryOp.DELETE, new byte[0]);

        @Override
        public String toString() {
            return op + " " + value.length + " bytes, hash " + Arrays.hashCode(value);
        }

        boolean isSameAs(Change other) {
            return op == other.op && Arrays.equals(value, other.value);
        }
    }

    /// The entries of a run.
    static final class Content extends TreeMap<Key, Change> {
        private static final long serialVersionUID = 1L;
    }

    /// What several runs say together, the newest first: DELETEs and APPENDs stay where something
    /// older may matter.
    static NavigableMap<Key, Change> merged(List<Content> runs, boolean oldest) {
        NavigableMap<Key, Change> merged = new TreeMap<>();
        for (int i = runs.size() - 1; i >= 0; i--) {
            for (Map.Entry<Key, Change> entry : runs.get(i).entrySet()) {
                merged.merge(entry.getKey(), entry.getValue(), Model::after);
            }
        }
        if (oldest) {
            merged.values().removeIf(change -> change.op() == EntryOp.DELETE);
            merged.replaceAll((key, change) -> new Change(EntryOp.PUT, change.value()));
        }
        return merged;
    }

    private static Change after(Change older, Change newer) {
        if (newer.op() != EntryOp.APPEND) {
            return newer;
        }
        byte[] joined = Arrays.copyOf(older.value(), older.value().length + newer.value().length);
        System.arraycopy(newer.value(), 0, joined, older.value().length, newer.value().length);
        return new Change(older.op() == EntryOp.APPEND ? EntryOp.APPEND : EntryOp.PUT, joined);
    }

    /// How a lookup names what was found.
    static Found found(Change change) {
        if (change == null) {
            return Found.ABSENT;
        }
        return switch (change.op()) {
            case PUT -> Found.VALUE;
            case DELETE -> Found.DELETED;
            case APPEND -> Found.PARTS;
        };
    }
}
