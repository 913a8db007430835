package io.aquifer.api;

import io.aquifer.api.connector.Reject;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeInformation;

/// The records of a source, and the input that did not become records.
public final class DataStreamSource<T> extends SingleOutputStreamOperator<T> {
    /// The side output of every source on which its rejects travel.
    public static final OutputTag<Reject> REJECTS =
            new OutputTag<>("rejects", TypeInformation.of(Reject.class));

    DataStreamSource(StreamExecutionEnvironment env, StreamNode node) {
        super(env, node);
    }

    /// Input that did not become records, each with its place and reason. Counted whether it is
    /// used or not.
    public DataStream<Reject> rejects() {
        return getSideOutput(REJECTS);
    }
}
