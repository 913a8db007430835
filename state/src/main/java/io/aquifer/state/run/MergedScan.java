package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Several runs as one: of each key what the newest says, with what is to be appended added up.
///
/// The inputs are few, so the least is found by looking at all of them: at their routings, and only
/// where two agree at the rest of their keys.
final class MergedScan implements RunScan {
    private final boolean complete;

    /// Those that have an entry, the newest first.
    private final SingleScan[] inputs;

    /// Their routings, in an order as signed numbers.
    private final long[] routings;

    /// All of them, to be closed.
    private final SingleScan[] all;

    private int count;

    /// The inputs that stand at the key at hand, the newest first.
    private final int[] same;

    /// How many of `same` are still to go on.
    private int sameCount;

    /// The inputs whose values make the value, the oldest first.
    private final SingleScan[] pieces;

    private int pieceCount;
    private int op;
    private int valueLength;

    /// @param inputs the newest first, before their first entries; closed with this
    /// @param complete whether nothing is older: then DELETEs are passed over and APPENDs are PUTs
    private MergedScan(List<SingleScan> inputs, boolean complete) {
        this.complete = complete;
        this.all = inputs.toArray(new SingleScan[0]);
        this.inputs = all.clone();
        this.count = all.length;
        this.routings = new long[count];
        this.same = new int[count];
        this.pieces = new SingleScan[count];
        for (int i = 0; i < count; i++) {
            same[i] = i;
        }
        this.sameCount = count;
    }

    /// Scans of runs, the newest first.
    static MergedScan of(List<Run> runs, long firstRouting, long lastRouting, boolean complete) {
        List<SingleScan> inputs = new ArrayList<>();
        boolean opened = false;
        try {
            for (Run run : runs) {
                inputs.add(run.scanOf(firstRouting, lastRouting));
            }
            opened = true;
            return new MergedScan(inputs, complete);
        } finally {
            if (!opened) {
                inputs.forEach(SingleScan::close);
            }
        }
    }

    @Override
    public boolean next() throws IOException {
        do {
            advance();
            if (count == 0) {
                return false;
            }
            findSame();
            resolve();
        } while (complete && op == RunLayout.DELETE);
        return true;
    }

    /// Lets the inputs that stood at the key go on. The last comes first: where one ends, those
    /// behind it move up.
    private void advance() throws IOException {
        while (sameCount > 0) {
            int input = same[sameCount - 1];
            boolean more = inputs[input].next();
            sameCount--;
            if (more) {
                routings[input] = inputs[input].routing() ^ Long.MIN_VALUE;
            } else {
                remove(input);
            }
        }
    }

    private void remove(int input) {
        count--;
        for (int i = input; i < count; i++) {
            inputs[i] = inputs[i + 1];
            routings[i] = routings[i + 1];
        }
    }

    private void findSame() {
        long least = routings[0];
        int first = 0;
        boolean tie = false;
        for (int i = 1; i < count; i++) {
            long routing = routings[i];
            if (routing < least) {
                least = routing;
                first = i;
                tie = false;
            } else if (routing == least) {
                tie = true;
            }
        }
        same[0] = first;
        sameCount = 1;
        if (tie) {
            findSameKey(first, least);
        }
    }

    /// As [#findSame], among the inputs that have the least routing.
    private void findSameKey(int first, long routing) {
        for (int i = first + 1; i < count; i++) {
            if (routings[i] == routing) {
                int order = inputs[i].compareKey(inputs[same[0]]);
                if (order < 0) {
                    sameCount = 0;
                }
                if (order <= 0) {
                    same[sameCount++] = i;
                }
            }
        }
    }

    /// What the inputs that stand at the key say together.
    private void resolve() throws IOException {
        SingleScan newest = inputs[same[0]];
        op = newest.code();
        if (op != RunLayout.APPEND) {
            pieces[0] = newest;
            pieceCount = 1;
            valueLength = newest.valueLength();
        } else {
            resolveParts();
        }
    }

    private void resolveParts() throws IOException {
        int base = RunLayout.APPEND;
        int used = 0;
        long length = 0;
        while (used < sameCount && base == RunLayout.APPEND) {
            SingleScan input = inputs[same[used]];
            base = input.code();
            length += input.valueLength();
            used++;
        }
        pieceCount = used;
        for (int i = 0; i < used; i++) {
            pieces[used - 1 - i] = inputs[same[i]];
        }
        op = complete || base != RunLayout.APPEND ? RunLayout.PUT : RunLayout.APPEND;
        valueLength = RunLayout.valueLength(length);
    }

    @Override
    public long routing() {
        return inputs[same[0]].routing();
    }

    @Override
    public int kind() {
        return inputs[same[0]].kind();
    }

    @Override
    public EntryOp op() {
        return RunLayout.name(op);
    }

    boolean isDelete() {
        return op == RunLayout.DELETE;
    }

    @Override
    public byte[] keyArray() {
        return inputs[same[0]].keyArray();
    }

    @Override
    public int keyOffset() {
        return inputs[same[0]].keyOffset();
    }

    @Override
    public int keyLength() {
        return inputs[same[0]].keyLength();
    }

    @Override
    public int valueLength() {
        return valueLength;
    }

    @Override
    public void readValue(ByteSlot out) throws IOException {
        byte[] to = out.resize(valueLength);
        int at = 0;
        for (int i = 0; i < pieceCount; i++) {
            pieces[i].readValue(to, at);
            at += pieces[i].valueLength();
        }
    }

    @Override
    public int readValueHead(byte[] to, int offset, int wanted) {
        int most = Math.min(wanted, BlockBuffer.VALUE_HEAD);
        int done = 0;
        for (int i = 0; i < pieceCount && done < most; i++) {
            done += pieces[i].readValueHead(to, offset + done, most - done);
        }
        return done;
    }

    @Override
    public void copyTo(RunWriter out) throws IOException {
        if (pieceCount == 1) {
            pieces[0].copyTo(op, out);
            return;
        }
        out.begin(
                RunLayout.name(op),
                routing(),
                kind(),
                keyArray(),
                keyOffset(),
                keyLength(),
                valueLength);
        for (int i = 0; i < pieceCount; i++) {
            pieces[i].copyValue(out);
        }
    }

    /// Adds a DELETE of the key to a run that is being written.
    void deleteIn(RunWriter out) throws IOException {
        out.delete(routing(), kind(), keyArray(), keyOffset(), keyLength());
    }

    /// Bytes of the inputs read so far.
    long bytesRead() {
        long bytes = 0;
        for (SingleScan input : all) {
            bytes += input.bytesRead();
        }
        return bytes;
    }

    @Override
    public void close() {
        for (SingleScan input : all) {
            input.close();
        }
        count = 0;
        sameCount = 0;
    }
}
