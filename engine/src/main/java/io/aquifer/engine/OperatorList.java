package io.aquifer.engine;

import io.aquifer.api.memory.ManagedList;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.ByteList;

import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;

/// A [ManagedList] on pages of its own.
final class OperatorList<T> implements ManagedList<T> {
    private final ByteList list;
    private final StateBytes<T> bytes;
    private long clears;

    OperatorList(ByteList list, StateBytes<T> bytes) {
        this.list = list;
        this.bytes = bytes;
    }

    @Override
    public void add(T element) {
        DataOutputSerializer written =
                bytes.write(
                        Objects.requireNonNull(element, "a ManagedList holds no null elements"));
        list.append(written.buffer(), 0, written.length());
    }

    @Override
    public T get(long position) {
        list.get(position, bytes.slot());
        return bytes.read();
    }

    @Override
    public long size() {
        return list.size();
    }

    @Override
    public void clear() {
        clears++;
        list.clear();
    }

    @Override
    public Iterator<T> iterator() {
        long clearsBefore = clears;
        return new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                if (clears != clearsBefore) {
                    throw new ConcurrentModificationException(
                            "the list was cleared during this iteration");
                }
                return next < list.size();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the list has " + next + " elements");
                }
                return get(next++);
            }
        };
    }
}
