package io.aquifer.engine;

import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.operators.KeyedContext;
import io.aquifer.operators.OperatorContext;
import io.aquifer.operators.OperatorFactory;
import io.aquifer.operators.Output;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// The engine's side of one operator in one subtask.
final class EngineOperatorContext implements OperatorContext {
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final OperatorMetrics metrics;
    private final Output output;
    private final OperatorMemory memory;
    private final @Nullable KeyedState<Object> keyed;
    private final ConnectorCharge connector;

    EngineOperatorContext(
            StreamNode node, SubtaskContext subtask, OperatorMetrics metrics, Output output) {
        this.node = node;
        this.subtask = subtask;
        this.metrics = metrics;
        this.output = output;
        this.memory = new OperatorMemory(node, subtask);
        this.connector = ConnectorCharge.of(node, subtask);
        this.keyed = node.operation() instanceof Operation.Keyed ? openKeyed() : null;
    }

    @SuppressWarnings("unchecked")
    private KeyedState<Object> openKeyed() {
        if (!(node.inputs().getFirst().partitioning() instanceof Partitioning.Hash hash)) {
            throw new IllegalArgumentException(node + " needs keyBy(...) before it");
        }
        TypeInformation<?> keyType = hash.keyType();
        if (keyType == null) {
            throw OperatorFactory.unknownType(
                    node, "the type of its key, keyBy at " + hash.location() + ",");
        }
        if (keyType.rawClass().isArray()) {
            throw new IllegalArgumentException(
                    "%s: keyBy at %s gives keys of type %s, and an array equals nothing but itself. Use a String, a List or a record of the values as key."
                            .formatted(node, hash.location(), keyType));
        }
        return KeyedState.open((TypeInformation<Object>) keyType, node, subtask, metrics, memory);
    }

    @Override
    public StreamNode node() {
        return node;
    }

    @Override
    public Output output() {
        return output;
    }

    @Override
    public RuntimeContext runtimeContext() {
        KeyedState<Object> state = keyed;
        return state == null
                ? new UnkeyedRuntimeContext(node, subtask, metrics, memory)
                : state.runtimeContext();
    }

    @Override
    public SinkContext sinkContext() {
        return new SinkContext(
                subtask.attempt().run(),
                subtask.id().index(),
                subtask.id().parallelism(),
                restoredState());
    }

    @Override
    public void chargeHeap(long bytes) {
        connector.update(bytes);
    }

    @Override
    public long currentProcessingTime() {
        return subtask.clock().millis();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <K> KeyedContext<K> keyed() {
        KeyedState<Object> state = keyed;
        if (state == null) {
            throw new IllegalStateException(
                    node + " has no keyed state: it does not follow keyBy(...)");
        }
        return (KeyedContext<K>) state;
    }

    @Override
    public List<byte[]> restoredState() {
        return subtask.restored().operatorStates(node, subtask.id());
    }

    @Override
    public long restoredWatermark() {
        return subtask.restored().watermark(node);
    }

    /// The functions' own data structures; whoever made this closes them.
    OperatorMemory memory() {
        return memory;
    }

    /// The operator's keyed state, or null.
    @Nullable KeyedState<Object> keyedState() {
        return keyed;
    }
}
