package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import java.io.IOException;

/// The entries of one run, as they are. Holds the run until it is closed.
final class SingleScan implements RunScan {
    private final Run run;
    private final BlockBuffer buffer = new BlockBuffer();
    private final BlockEntries entries = buffer.entries;
    private final long firstRouting;
    private final long lastRouting;
    private final int lastBlock;
    private int block;
    private boolean loaded;
    private boolean began;
    private boolean ended;
    private boolean closed;

    SingleScan(Run run, long firstRouting, long lastRouting) {
        run.retain();
        this.run = run;
        this.firstRouting = firstRouting;
        this.lastRouting = lastRouting;
        this.block = run.firstBlock(firstRouting);
        this.lastBlock = run.fences().lastAtMost(lastRouting);
        this.ended = Long.compareUnsigned(firstRouting, lastRouting) > 0 || block > lastBlock;
    }

    @Override
    public boolean next() throws IOException {
        while (!ended) {
            if (loaded && entries.next()) {
                if (began || begins()) {
                    ended = Long.compareUnsigned(entries.routing, lastRouting) > 0;
                    return !ended;
                }
            } else {
                loadNext();
            }
        }
        return false;
    }

    private boolean begins() {
        began = Long.compareUnsigned(entries.routing, firstRouting) >= 0;
        return began;
    }

    private void loadNext() throws IOException {
        if (closed) {
            throw new IllegalStateException("the scan of run '" + run.name() + "' was closed");
        }
        if (loaded) {
            if (block == lastBlock) {
                ended = true;
                return;
            }
            loaded = false;
            block++;
        }
        buffer.load(run, block);
        if (!began) {
            entries.seek(firstRouting);
        }
        loaded = true;
    }

    /// Bytes of the file read so far.
    long bytesRead() {
        return buffer.bytesRead();
    }

    @Override
    public long routing() {
        return entries.routing;
    }

    @Override
    public int kind() {
        return entries.kind;
    }

    int code() {
        return entries.op;
    }

    @Override
    public EntryOp op() {
        return RunLayout.name(entries.op);
    }

    @Override
    public byte[] keyArray() {
        return entries.bytes;
    }

    @Override
    public int keyOffset() {
        return entries.keyOffset;
    }

    @Override
    public int keyLength() {
        return entries.keyLength;
    }

    @Override
    public int valueLength() {
        return entries.valueLength;
    }

    /// Whether the key comes before, equals or comes after that of another one with the same
    /// routing.
    int compareKey(SingleScan other) {
        BlockEntries others = other.entries;
        return entries.compareKey(others.kind, others.bytes, others.keyOffset, others.keyLength);
    }

    @Override
    public void readValue(ByteSlot out) throws IOException {
        buffer.readValue(run, block, out);
    }

    void readValue(byte[] to, int offset) throws IOException {
        buffer.readValue(run, block, to, offset);
    }

    @Override
    public int readValueHead(byte[] to, int offset, int count) {
        return buffer.readValueHead(to, offset, count);
    }

    @Override
    public void copyTo(RunWriter out) throws IOException {
        copyTo(entries.op, out);
    }

    /// As [#copyTo], as another kind of change.
    void copyTo(int op, RunWriter out) throws IOException {
        if (buffer.hasValue()) {
            out.add(
                    op,
                    entries.routing,
                    entries.kind,
                    entries.bytes,
                    entries.keyOffset,
                    entries.keyLength,
                    entries.bytes,
                    entries.valueOffset,
                    entries.valueLength);
        } else {
            out.begin(
                    RunLayout.name(op),
                    entries.routing,
                    entries.kind,
                    entries.bytes,
                    entries.keyOffset,
                    entries.keyLength,
                    entries.valueLength);
            copyValue(out);
        }
    }

    void copyValue(RunWriter out) throws IOException {
        buffer.copyValue(run, block, out);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ended = true;
            run.release();
        }
    }
}
