package io.aquifer.engine;

import io.aquifer.api.state.ValueState;
import io.aquifer.api.types.TtlValue;

import org.jspecify.annotations.Nullable;

/// A value that expires; dropped by the read that finds it expired.
record TtlValueState<T>(ValueState<TtlValue<T>> state, TimeToLive ttl) implements ValueState<T> {
    @Override
    public @Nullable T value() {
        TtlValue<T> stored = state.value();
        if (stored == null) {
            return null;
        }
        if (ttl.isExpired(stored)) {
            state.clear();
            return ttl.showsExpired() ? stored.value() : null;
        }
        if (ttl.renewedByReads()) {
            state.update(ttl.stamped(stored.value()));
        }
        return stored.value();
    }

    @Override
    public void update(@Nullable T value) {
        state.update(value == null ? null : ttl.stamped(value));
    }

    @Override
    public void clear() {
        state.clear();
    }
}
