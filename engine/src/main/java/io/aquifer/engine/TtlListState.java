package io.aquifer.engine;

import io.aquifer.api.state.ListState;
import io.aquifer.api.types.TtlValue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/// A list whose elements expire one by one.
///
/// Reading a list whose first element, as a rule its oldest, has expired writes what is left anew,
/// and so does every read of a list that reads renew: the list is in memory then. Any other read
/// passes over what has expired as it goes, without dropping it: where the clock was set back an
/// element may be older than those before it.
record TtlListState<T>(ListState<TtlValue<T>> state, TimeToLive ttl) implements ListState<T> {
    @Override
    public Iterable<T> get() {
        Iterator<TtlValue<T>> first = state.get().iterator();
        if (!first.hasNext()) {
            return List.of();
        }
        return ttl.renewedByReads() || ttl.isExpired(first.next()) ? rewritten() : living();
    }

    private Iterable<T> rewritten() {
        List<TtlValue<T>> kept = new ArrayList<>();
        List<T> seen = new ArrayList<>();
        boolean expired = false;
        for (TtlValue<T> stored : state.get()) {
            if (ttl.isExpired(stored)) {
                expired = true;
                if (ttl.showsExpired()) {
                    seen.add(stored.value());
                }
            } else {
                kept.add(ttl.renewedByReads() ? ttl.stamped(stored.value()) : stored);
                seen.add(stored.value());
            }
        }
        if (expired || ttl.renewedByReads()) {
            state.update(kept);
        }
        return seen;
    }

    private Iterable<T> living() {
        Iterable<TtlValue<T>> all = state.get();
        return () -> new Living<>(all.iterator(), ttl);
    }

    /// Passes over what has expired, unless it is to be seen.
    private static final class Living<T> implements Iterator<T> {
        private final Iterator<TtlValue<T>> all;
        private final TimeToLive ttl;
        private final List<T> ahead = new ArrayList<>(1);

        Living(Iterator<TtlValue<T>> all, TimeToLive ttl) {
            this.all = all;
            this.ttl = ttl;
        }

        @Override
        public boolean hasNext() {
            while (ahead.isEmpty() && all.hasNext()) {
                TtlValue<T> stored = all.next();
                if (ttl.showsExpired() || !ttl.isExpired(stored)) {
                    ahead.add(stored.value());
                }
            }
            return !ahead.isEmpty();
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the list has no further elements");
            }
            return ahead.removeLast();
        }
    }

    @Override
    public void add(T value) {
        state.add(stamped(value));
    }

    private TtlValue<T> stamped(T value) {
        return ttl.stamped(Objects.requireNonNull(value, "a ListState holds no nulls"));
    }

    @Override
    public void addAll(List<T> values) {
        state.addAll(values.stream().map(this::stamped).toList());
    }

    @Override
    public void update(List<T> values) {
        state.update(values.stream().map(this::stamped).toList());
    }

    @Override
    public void clear() {
        state.clear();
    }
}
