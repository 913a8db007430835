package io.aquifer.engine;

import io.aquifer.api.memory.ManagedSorter;
import io.aquifer.api.memory.SortedIterator;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.RecordSorter;
import io.aquifer.state.SortedRecords;

import java.util.NoSuchElementException;
import java.util.Objects;

/// A [ManagedSorter] on pages and in files of its own.
final class OperatorSorter<T> implements ManagedSorter<T> {
    private final RecordSorter<T> sorter;
    private final StateBytes<T> bytes;

    OperatorSorter(RecordSorter<T> sorter, StateBytes<T> bytes) {
        this.sorter = sorter;
        this.bytes = bytes;
    }

    @Override
    public void add(T element) {
        DataOutputSerializer written =
                bytes.write(
                        Objects.requireNonNull(element, "a ManagedSorter holds no null elements"));
        sorter.add(written.buffer(), 0, written.length());
    }

    @Override
    public long size() {
        return sorter.size();
    }

    @Override
    public void clear() {
        sorter.clear();
    }

    @Override
    public SortedIterator<T> sorted() {
        return new Pass<>(sorter.sorted());
    }

    private static final class Pass<T> implements SortedIterator<T> {
        private final SortedRecords<T> records;
        private boolean stands;

        Pass(SortedRecords<T> records) {
            this.records = records;
        }

        @Override
        public boolean hasNext() {
            if (!stands) {
                stands = records.advance();
            }
            return stands;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the sorter has no more elements");
            }
            stands = false;
            return records.record();
        }

        @Override
        public void close() {
            stands = false;
            records.close();
        }
    }
}
