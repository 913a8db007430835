package io.aquifer.engine;

import io.aquifer.api.memory.ManagedBloomFilter;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.BloomFilter;

import java.util.Objects;

/// A [ManagedBloomFilter] on pages of its own.
record OperatorBloomFilter<T>(BloomFilter filter, StateBytes<T> bytes)
        implements ManagedBloomFilter<T> {
    private DataOutputSerializer bytesOf(T element) {
        return bytes.write(
                Objects.requireNonNull(element, "a ManagedBloomFilter holds no null elements"));
    }

    @Override
    public boolean add(T element) {
        DataOutputSerializer written = bytesOf(element);
        return filter.add(written.buffer(), 0, written.length());
    }

    @Override
    public boolean mightContain(T element) {
        DataOutputSerializer written = bytesOf(element);
        return filter.mightContain(written.buffer(), 0, written.length());
    }

    @Override
    public void clear() {
        filter.clear();
    }
}
