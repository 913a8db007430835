package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import java.io.IOException;

/// One thread's way through the runs of a table for a key, with the memory it needs and the counts
/// of what it did.
final class Lookup {
    final BlockBuffer buffer = new BlockBuffer();
    private final ByteSlot part = new ByteSlot();
    private final JoinedParts parts = new JoinedParts();
    long finds;
    long filterNegatives;
    long filterPositives;
    long filterFalsePositives;

    /// Whether a run has to be asked for a key.
    ///
    /// @param hash of the key, by [Filter#hash]
    boolean isWorthAsking(Run run, long routing, long hash) {
        if (!run.covers(routing)) {
            return false;
        }
        Filter filter = run.filter();
        if (filter == null) {
            return true;
        }
        if (!filter.mayContain(hash)) {
            filterNegatives++;
            return false;
        }
        filterPositives++;
        return true;
    }

    /// Asks one run.
    Found ask(Run run, long routing, int kind, byte[] key, int offset, int length, ByteSlot out)
            throws IOException {
        Found found = run.findUnfiltered(routing, kind, key, offset, length, buffer, out);
        if (found == Found.ABSENT && run.filter() != null) {
            filterFalsePositives++;
        }
        return found;
    }

    /// Asks all of them, the newest first.
    Found find(Run[] runs, long routing, int kind, byte[] key, int offset, int length, ByteSlot out)
            throws IOException {
        finds++;
        long hash = Filter.hash(routing, kind, key, offset, length);
        for (int i = 0; i < runs.length; i++) {
            if (isWorthAsking(runs[i], routing, hash)) {
                Found found = ask(runs[i], routing, kind, key, offset, length, out);
                if (found == Found.PARTS) {
                    return findRest(runs, i + 1, routing, kind, key, offset, length, out);
                }
                if (found != Found.ABSENT) {
                    return found;
                }
            }
        }
        return Found.ABSENT;
    }

    /// Goes on from the first parts of a value, which are in `out`.
    private Found findRest(
            Run[] runs,
            int from,
            long routing,
            int kind,
            byte[] key,
            int offset,
            int length,
            ByteSlot out)
            throws IOException {
        long hash = Filter.hash(routing, kind, key, offset, length);
        parts.clear();
        boolean joined = false;
        Found base = Found.PARTS;
        for (int i = from; i < runs.length && base == Found.PARTS; i++) {
            if (isWorthAsking(runs[i], routing, hash)) {
                Found found = ask(runs[i], routing, kind, key, offset, length, part);
                if (found == Found.PARTS || found == Found.VALUE) {
                    if (!joined) {
                        parts.addBefore(out);
                        joined = true;
                    }
                    parts.addBefore(part);
                }
                base = found == Found.ABSENT ? base : found;
            }
        }
        if (joined) {
            parts.copyTo(out);
        }
        return base == Found.PARTS ? Found.PARTS : Found.VALUE;
    }
}
