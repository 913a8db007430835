package io.aquifer.api;

import io.aquifer.api.graph.StreamNode;

/// The end of a stream, and its settings.
public final class DataStreamSink<T> {
    private final StreamNode node;

    DataStreamSink(StreamNode node) {
        this.node = node;
    }

    StreamNode node() {
        return node;
    }

    public DataStreamSink<T> name(String name) {
        node.setName(name);
        return this;
    }

    public DataStreamSink<T> uid(String uid) {
        node.setUid(uid);
        return this;
    }

    public DataStreamSink<T> setParallelism(int parallelism) {
        node.setParallelism(parallelism);
        return this;
    }
}
