package io.aquifer.api;

import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.graph.StreamInput;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeHint;
import io.aquifer.api.types.TypeInformation;

import java.util.List;

/// The output of one operator, and that operator's settings.
public class SingleOutputStreamOperator<T> extends DataStream<T> {
    private final StreamNode node;

    SingleOutputStreamOperator(StreamExecutionEnvironment env, StreamNode node) {
        super(env, forward(node));
        this.node = node;
    }

    final StreamNode node() {
        return node;
    }

    /// The name that progress and messages use.
    public SingleOutputStreamOperator<T> name(String name) {
        node.setName(name);
        return this;
    }

    /// What identifies the operator's state in later versions of the job.
    public SingleOutputStreamOperator<T> uid(String uid) {
        node.setUid(uid);
        return this;
    }

    public SingleOutputStreamOperator<T> setParallelism(int parallelism) {
        node.setParallelism(parallelism);
        return this;
    }

    /// Says what the output's type is, where Java's erasure hides it.
    public SingleOutputStreamOperator<T> returns(Class<T> type) {
        return returns(TypeInformation.of(type));
    }

    public SingleOutputStreamOperator<T> returns(TypeHint<T> hint) {
        return returns(TypeInformation.of(hint));
    }

    public SingleOutputStreamOperator<T> returns(TypeInformation<T> type) {
        node.setOutputType(type);
        return this;
    }

    /// The records that the operator's function emitted with `tag`.
    public <X> DataStream<X> getSideOutput(OutputTag<X> tag) {
        return new DataStream<>(
                env, List.of(new StreamInput(node, tag, new Partitioning.Forward())));
    }
}
