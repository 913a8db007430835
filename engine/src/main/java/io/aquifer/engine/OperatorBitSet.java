package io.aquifer.engine;

import io.aquifer.api.memory.ManagedBitSet;
import io.aquifer.state.PagedBits;

/// A [ManagedBitSet] on pages of its own.
record OperatorBitSet(PagedBits bits) implements ManagedBitSet {
    @Override
    public boolean get(long bit) {
        return bits.get(bit);
    }

    @Override
    public boolean set(long bit) {
        return bits.set(bit);
    }

    @Override
    public boolean clear(long bit) {
        return bits.clear(bit);
    }

    @Override
    public long nextSetBit(long from) {
        return bits.nextSetBit(from);
    }

    @Override
    public long size() {
        return bits.size();
    }

    @Override
    public long cardinality() {
        return bits.cardinality();
    }

    @Override
    public void clear() {
        bits.clear();
    }
}
