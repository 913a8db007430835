package io.aquifer.memory;

import java.util.List;
import java.util.Optional;

/// One node of the tree of everything that is held: the budget, its pools, their jobs, tasks,
/// operators and states.
///
/// **Invariant**: what a node holds is the sum over its children, if it has any.
///
/// Immutable; any thread.
///
/// @param name of this node alone, such as `windows (1/2)`
/// @param kind what the node is
/// @param limitBytes the most it may hold; of owners by the policy, -1 where nothing limits
/// @param heldBytes what is held below it
/// @param guaranteedBytes what it may always hold
/// @param reclaimableBytes what it could give back when asked
/// @param children in the order they were made
public record MemoryNode(
        String name,
        Kind kind,
        long limitBytes,
        long heldBytes,
        long guaranteedBytes,
        long reclaimableBytes,
        List<MemoryNode> children) {

    public MemoryNode {
        children = List.copyOf(children);
    }

    /// What a node is.
    public enum Kind {
        BUDGET,
        POOL,
        /// A job, a task: whatever opened a scope.
        SCOPE,
        /// A part of a lease's name before its last ` / `, such as an operator.
        PART,
        LEASE
    }

    /// The child of that name.
    public Optional<MemoryNode> child(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).findFirst();
    }
}
