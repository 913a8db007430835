package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import java.io.IOException;

/// Looks up the keys of a batch from one place in their order to another, run by run: so keys of
/// one block follow one another and the block is read once.
final class BatchPart {
    private static final int CHUNK = 64 * 1024;

    private final FindBatch batch;
    private final Run[] runs;
    private final Lookup lookup;
    private final int first;
    private final int end;

    /// The hashes of the keys from `first` on.
    private final long[] hashes;

    private final boolean[] answered;
    private final ByteSlot value = new ByteSlot();
    private byte[] chunk = {};
    private int chunkEnd;

    BatchPart(FindBatch batch, Run[] runs, Lookup lookup, int first, int end) {
        this.batch = batch;
        this.runs = runs;
        this.lookup = lookup;
        this.first = first;
        this.end = end;
        this.hashes = new long[end - first];
        this.answered = new boolean[end - first];
    }

    Lookup lookup() {
        return lookup;
    }

    void find() throws IOException {
        byte[] keys = batch.keyArray();
        for (int i = 0; i < hashes.length; i++) {
            int key = batch.inOrder(first + i);
            hashes[i] =
                    Filter.hash(
                            batch.routing(key),
                            batch.kind(key),
                            keys,
                            batch.keyOffset(key),
                            batch.keyLength(key));
        }
        lookup.finds += hashes.length;
        for (Run run : runs) {
            find(run, keys);
        }
    }

    private void find(Run run, byte[] keys) throws IOException {
        for (int i = 0; i < hashes.length; i++) {
            int key = batch.inOrder(first + i);
            long routing = batch.routing(key);
            if (!answered[i] && lookup.isWorthAsking(run, routing, hashes[i])) {
                Found found =
                        lookup.ask(
                                run,
                                routing,
                                batch.kind(key),
                                keys,
                                batch.keyOffset(key),
                                batch.keyLength(key),
                                value);
                if (found != Found.ABSENT) {
                    answered[i] = found != Found.PARTS;
                    answer(key, found);
                }
            }
        }
    }

    /// Notes what a run says of a key, with what newer ones said before.
    private void answer(int key, Found found) throws IOException {
        boolean parts = batch.found(key) == Found.PARTS;
        if (found == Found.DELETED) {
            if (parts) {
                batch.answer(
                        key,
                        Found.VALUE,
                        batch.valueArray(key),
                        batch.valueOffset(key),
                        batch.valueLength(key));
            } else {
                batch.answer(key, Found.DELETED, batch.valueArray(key), 0, 0);
            }
            return;
        }
        int newer = parts ? batch.valueLength(key) : 0;
        int length = RunLayout.valueLength((long) value.length() + newer);
        byte[] to = room(length);
        int at = chunkEnd - length;
        System.arraycopy(value.array(), 0, to, at, value.length());
        if (newer > 0) {
            System.arraycopy(
                    batch.valueArray(key), batch.valueOffset(key), to, at + value.length(), newer);
        }
        batch.answer(key, found, to, at, length);
    }

    /// An array with room for `length` bytes before `chunkEnd`.
    private byte[] room(int length) {
        if (length > chunk.length - chunkEnd) {
            chunk = new byte[Math.max(length, CHUNK)];
            chunkEnd = 0;
        }
        chunkEnd += length;
        return chunk;
    }
}
