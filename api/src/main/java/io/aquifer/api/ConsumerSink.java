package io.aquifer.api;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkWriter;

import java.util.function.Consumer;

/// Hands each record to a consumer in this process.
final class ConsumerSink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;

    private final transient Consumer<? super T> consumer;

    ConsumerSink(Consumer<? super T> consumer) {
        this.consumer = consumer;
    }

    @Override
    public String name() {
        return "collect";
    }

    @Override
    public SinkWriter<T> createWriter(SinkContext context) {
        return new SinkWriter<>() {
            @Override
            public void write(T value, long timestamp) {
                consumer.accept(value);
            }

            @Override
            public void close() {}
        };
    }
}
