package io.aquifer.engine;

import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.graph.StreamInput;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.operators.OperatorFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A job graph made ready to run: which operators share a thread, and which edges cross threads.
///
/// An operator is chained to the one before it when it has that one input, forwards records one to
/// one, and has the same parallelism. Every other edge is an exchange.
///
/// @param chains in order of declaration of their heads
/// @param edges the exchanges
record JobPlan(String jobName, List<Chain> chains, List<Edge> edges) {
    /// Operators that run in one thread for each subtask.
    ///
    /// @param head takes the chain's input, or is a source
    /// @param members all operators, head first, each after the one it follows
    /// @param maxParallelism the key groups that keys are divided into
    record Chain(StreamNode head, List<StreamNode> members, int parallelism, int maxParallelism) {
        String name() {
            StringBuilder name = new StringBuilder(head.name());
            for (StreamNode member : members.subList(1, members.size())) {
                name.append(" -> ").append(member.name());
            }
            return name.toString();
        }

        boolean isSource() {
            return head.operation() instanceof Operation.Read;
        }
    }

    /// An exchange between two chains.
    ///
    /// @param type of the records, always known
    record Edge(StreamInput input, StreamNode to, TypeInformation<?> type) {}

    /// @param restored what the job goes on from, whose key groups stay
    /// @throws IllegalArgumentException when an operator has more subtasks than key groups
    static JobPlan of(JobGraph graph, int defaultParallelism, RestorePoint restored) {
        Map<StreamNode, Integer> parallelism = new HashMap<>();
        for (StreamNode node : graph.nodes()) {
            parallelism.put(node, node.parallelism() > 0 ? node.parallelism() : defaultParallelism);
        }
        Map<StreamNode, List<StreamNode>> chains = new LinkedHashMap<>();
        Map<StreamNode, StreamNode> headOf = new HashMap<>();
        List<Edge> edges = new ArrayList<>();
        for (StreamNode node : graph.nodes()) {
            if (isChained(node, parallelism)) {
                StreamNode head =
                        Objects.requireNonNull(headOf.get(node.inputs().getFirst().from()));
                headOf.put(node, head);
                Objects.requireNonNull(chains.get(head)).add(node);
                continue;
            }
            headOf.put(node, node);
            chains.put(node, new ArrayList<>(List.of(node)));
            for (StreamInput input : node.inputs()) {
                edges.add(new Edge(input, node, type(input)));
            }
        }
        List<Chain> list = new ArrayList<>();
        chains.forEach(
                (head, members) -> list.add(chain(head, members, of(head, parallelism), restored)));
        return new JobPlan(graph.name(), list, edges);
    }

    private static Chain chain(
            StreamNode head, List<StreamNode> members, int parallelism, RestorePoint restored) {
        int saved = restored.maxParallelism(head);
        if (saved > 0 && parallelism > saved) {
            throw new IllegalArgumentException(
                    "%s cannot go on from checkpoint %d with %d subtasks: its state is divided into %d key groups. Use a parallelism of %d at most."
                            .formatted(head, restored.checkpoint(), parallelism, saved, saved));
        }
        return new Chain(
                head,
                List.copyOf(members),
                parallelism,
                saved > 0 ? saved : KeyGroups.maxParallelism(parallelism));
    }

    private static boolean isChained(StreamNode node, Map<StreamNode, Integer> parallelism) {
        if (node.inputs().size() != 1) {
            return false;
        }
        StreamInput input = node.inputs().getFirst();
        return input.partitioning() instanceof Partitioning.Forward
                && of(input.from(), parallelism) == of(node, parallelism);
    }

    private static int of(StreamNode node, Map<StreamNode, Integer> parallelism) {
        return Objects.requireNonNull(parallelism.get(node), "inputs come before their receivers");
    }

    private static TypeInformation<?> type(StreamInput input) {
        TypeInformation<?> type =
                input.tag() == null ? input.from().outputType() : input.tag().getTypeInfo();
        if (type == null) {
            throw OperatorFactory.unknownType(
                    input.from(), "the type of its records, which cross to other subtasks,");
        }
        return type;
    }

    /// Whether the subtasks of a chain have state by key.
    boolean hasKeyedState(Chain chain) {
        return chain.head().inputs().stream()
                .anyMatch(input -> input.partitioning() instanceof Partitioning.Hash);
    }

    int subtaskCount() {
        return chains.stream().mapToInt(Chain::parallelism).sum();
    }

    Chain chainOf(StreamNode node) {
        for (Chain chain : chains) {
            if (chain.members().contains(node)) {
                return chain;
            }
        }
        throw new IllegalStateException(node + " is in no chain");
    }
}
