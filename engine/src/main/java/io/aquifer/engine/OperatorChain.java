package io.aquifer.engine;

import io.aquifer.api.OutputTag;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.SubtaskSnapshot.OperatorPart;
import io.aquifer.engine.SubtaskSnapshot.SourcePart;
import io.aquifer.engine.checkpoint.CheckpointDraft;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.operators.OperatorFactory;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The operators of one subtask, connected: what one puts out goes to the next by a plain call, or
/// into an exchange.
final class OperatorChain {
    private final SubtaskContext subtask;
    private final Map<StreamNode, ChainedOperator> operators = new LinkedHashMap<>();
    private final Map<StreamNode, OperatorOutput> outputs = new LinkedHashMap<>();
    private final Map<StreamNode, OperatorMetrics> metrics = new LinkedHashMap<>();
    private final List<RecordWriter> writers = new ArrayList<>();
    private final StreamNode head;
    private final List<StreamNode> members;
    private @Nullable KeyedState<Object> keyedState;

    /// @param exchanges those that leave this chain
    OperatorChain(JobPlan.Chain chain, List<Exchange> exchanges, SubtaskContext subtask) {
        this.subtask = subtask;
        this.head = chain.head();
        this.members = chain.members();
        for (StreamNode node : chain.members()) {
            OperatorMetrics nodeMetrics = new OperatorMetrics();
            metrics.put(node, nodeMetrics);
            outputs.put(node, new OperatorOutput(nodeMetrics));
        }
        // Reverse: an operator's targets are there before it.
        try {
            for (StreamNode node : chain.members().reversed()) {
                connect(node, chain, exchanges);
            }
        } catch (RuntimeException | Error failed) {
            if (keyedState != null) {
                keyedState.close();
            }
            throw failed;
        }
    }

    private void connect(StreamNode node, JobPlan.Chain chain, List<Exchange> exchanges) {
        List<ChainTarget> main = new ArrayList<>();
        Map<OutputTag<?>, List<ChainTarget>> side = new HashMap<>();
        for (StreamNode next : chain.members()) {
            if (next != chain.head() && next.inputs().getFirst().from() == node) {
                ChainedOperator target = operators.get(next);
                if (target != null) {
                    targets(next.inputs().getFirst().tag(), main, side).add(target);
                }
            }
        }
        for (Exchange exchange : exchanges) {
            if (exchange.edge().input().from() == node) {
                RecordWriter writer = exchange.writer(subtask.id());
                writers.add(writer);
                targets(exchange.edge().input().tag(), main, side).add(writer);
            }
        }
        OperatorOutput output = output(node);
        output.connect(main, side);
        if (!(node.operation() instanceof Operation.Read)) {
            operators.put(node, chained(node, output));
        }
    }

    private ChainedOperator chained(StreamNode node, OperatorOutput output) {
        EngineOperatorContext context =
                new EngineOperatorContext(node, subtask, metrics(node), output);
        if (context.keyedState() != null) {
            keyedState = context.keyedState();
        }
        return new ChainedOperator(
                node,
                subtask.id(),
                OperatorFactory.create(context),
                metrics(node),
                context.memory());
    }

    private static List<ChainTarget> targets(
            @Nullable OutputTag<?> tag,
            List<ChainTarget> main,
            Map<OutputTag<?>, List<ChainTarget>> side) {
        return tag == null ? main : side.computeIfAbsent(tag, ignored -> new ArrayList<>());
    }

    /// The output of the chain's source.
    OperatorOutput headOutput() {
        return output(head);
    }

    /// The operator that takes the chain's input.
    ChainedOperator headOperator() {
        ChainedOperator operator = operators.get(head);
        if (operator == null) {
            throw new IllegalStateException(head + " is a source and takes no input");
        }
        return operator;
    }

    private OperatorOutput output(StreamNode node) {
        OperatorOutput output = outputs.get(node);
        if (output == null) {
            throw new IllegalStateException(node + " is not in this chain");
        }
        return output;
    }

    OperatorMetrics metrics(StreamNode node) {
        OperatorMetrics found = metrics.get(node);
        if (found == null) {
            throw new IllegalStateException(node + " is not in this chain");
        }
        return found;
    }

    @Nullable KeyedState<Object> keyedState() {
        return keyedState;
    }

    /// Last first, so that an operator that emits in `open` finds the next one open. Receivers are
    /// told how far event time had come, when the job goes on from a checkpoint.
    void open() {
        operators.values().forEach(ChainedOperator::open);
        for (StreamNode node : members) {
            long watermark = subtask.restored().watermark(node);
            metrics(node).setWatermark(watermark);
            output(node).restoreWatermark(watermark);
        }
    }

    /// First first: what an operator emits at its end still reaches the next. Then nothing follows
    /// on any exchange.
    ///
    /// @param checkpoint the number for sinks' last parts
    /// @return what is left to be made visible
    Map<StreamNode, OperatorPart> finish(long checkpoint) {
        Map<StreamNode, OperatorPart> parts = new LinkedHashMap<>();
        for (StreamNode node : members) {
            OwnSnapshot own = new OwnSnapshot(checkpoint);
            ChainedOperator operator = operators.get(node);
            if (operator != null) {
                operator.finish(own);
            }
            parts.put(node, part(node, null, new StateRuns(), own.committables()));
        }
        writers.forEach(RecordWriter::end);
        return parts;
    }

    /// Sends a barrier on every exchange.
    void barrier(Barrier barrier) {
        writers.forEach(writer -> writer.barrier(barrier));
    }

    /// Takes every operator's part of a checkpoint. When a state file cannot be written, the
    /// snapshot says so and the chain goes on.
    SubtaskSnapshot snapshot(long checkpoint, CheckpointDraft draft, @Nullable SourcePart source) {
        Map<StreamNode, OperatorPart> parts = new LinkedHashMap<>();
        IOException failure = null;
        for (StreamNode node : members) {
            OwnSnapshot own = new OwnSnapshot(checkpoint);
            StateFile file = null;
            StateRuns runs = new StateRuns();
            ChainedOperator operator = operators.get(node);
            if (operator != null) {
                operator.snapshot(own);
                KeyedState<Object> keyed = node == head ? keyedState : null;
                if (failure == null && (keyed != null || own.state() != null)) {
                    try {
                        file = write(node, operator, draft, own.state(), keyed, runs);
                    } catch (IOException refused) {
                        failure = refused;
                    }
                }
            }
            parts.put(node, part(node, file, runs, own.committables()));
        }
        return new SubtaskSnapshot(parts, source, failure);
    }

    private OperatorPart part(
            StreamNode node, @Nullable StateFile file, StateRuns runs, List<String> committables) {
        Map<String, Long> counts = new LinkedHashMap<>();
        metrics(node).counters().forEach((name, count) -> counts.put(name, count.getCount()));
        long watermark =
                node.operation() instanceof Operation.Write
                        ? metrics(node).watermark()
                        : output(node).lastWatermark();
        return new OperatorPart(watermark, file, runs, committables, counts);
    }

    private StateFile write(
            StreamNode node,
            ChainedOperator operator,
            CheckpointDraft draft,
            byte @Nullable [] own,
            @Nullable KeyedState<Object> keyed,
            StateRuns runs)
            throws IOException {
        String id = subtask.attempt().ids().of(node);
        int index = subtask.id().index();
        KeyGroupRange groups = subtask.keyGroups();
        StateFileHeader header =
                new StateFileHeader(
                        id, index, groups.maxParallelism(), groups.first(), groups.last());
        try (StateFileWriter out = new StateFileWriter(draft.create(id, index), header)) {
            if (own != null) {
                out.begin(RestorePoint.OPERATOR_STATE);
                out.entry(own, 0, 0, own, 0, own.length);
            }
            if (keyed != null) {
                operator.write(() -> keyed.writeTo(out, runs));
            }
            return draft.file(id, index, out.finish());
        }
    }

    void flush() {
        for (RecordWriter writer : writers) {
            writer.flush();
        }
    }

    /// Closes every operator and gives the state back, whatever fails on the way.
    ///
    /// @return the first failure, or null
    @Nullable Throwable close() {
        Throwable first = null;
        for (ChainedOperator operator : List.copyOf(operators.values()).reversed()) {
            try {
                operator.close();
            } catch (Throwable failed) {
                first = first == null ? failed : first;
            }
        }
        if (keyedState != null) {
            keyedState.close();
        }
        return first;
    }
}
