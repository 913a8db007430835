package io.aquifer.operators;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.Collector;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// Gives each collected record the time of the record being processed.
final class TimestampedCollector<T> implements Collector<T> {
    private final Output output;
    long timestamp = StreamOperator.NO_TIMESTAMP;

    TimestampedCollector(Output output) {
        this.output = output;
    }

    @Override
    public void collect(T record) {
        output.collect(
                (Object) Objects.requireNonNull(record, "collect(null): a stream holds no nulls"),
                timestamp);
    }

    /// A record for a side output, which is not null.
    static Object present(OutputTag<?> tag, @Nullable Object record) {
        return Objects.requireNonNull(
                record, () -> "output(" + tag.getId() + ", null): a stream holds no nulls");
    }

    @Nullable Long timestampOrNull() {
        return timestamp == StreamOperator.NO_TIMESTAMP ? null : timestamp;
    }
}
