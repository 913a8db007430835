package io.aquifer.engine;

import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The names under which a job's operators are found again in a checkpoint: the author's uid, or
/// the operator's place in the program.
final class OperatorIds {
    private final Map<StreamNode, String> ids = new LinkedHashMap<>();

    /// @throws IllegalArgumentException when two operators have one uid
    OperatorIds(JobGraph graph) {
        Map<String, StreamNode> known = new HashMap<>();
        for (StreamNode node : graph.nodes()) {
            String uid = node.uid();
            String id = uid == null ? "operator " + node.id() : uid;
            StreamNode other = known.put(id, node);
            if (other != null) {
                throw new IllegalArgumentException(
                        "the uid \"%s\" is that of %s and of %s. Give each operator its own: its state is found by it."
                                .formatted(id, other, node));
            }
            ids.put(node, id);
        }
    }

    String of(StreamNode node) {
        String id = ids.get(node);
        if (id == null) {
            throw new IllegalStateException(node + " is not of this job");
        }
        return id;
    }

    /// What kind of operator it is; a sink's with the place it writes to, since a resumed job must
    /// write to the same.
    static String type(StreamNode node) {
        String type = node.operation().getClass().getSimpleName();
        return node.operation() instanceof Operation.Write write
                ? type + " " + write.sink().name()
                : type;
    }
}
