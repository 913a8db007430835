package io.aquifer.engine;

import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The sinks of one attempt and what they still have to make visible. Used by one thread at a time.
///
/// **Invariant**: what is committed is in a complete checkpoint, or the job has ended and takes
/// none.
final class SinkCommits {
    private final Map<StreamNode, SinkCommitter> committers = new LinkedHashMap<>();
    private final Set<StreamNode> settled = new HashSet<>();
    private boolean inDoubt;

    /// Opens every sink and makes visible what the restored checkpoint holds.
    ///
    /// @throws RuntimeException the failure of a sink; those opened before stay open
    void open(JobGraph graph, SinkRun run, RestorePoint restored) {
        for (StreamNode node : graph.nodes()) {
            if (node.operation() instanceof Operation.Write write) {
                try {
                    SinkCommitter committer = write.sink().open(run);
                    committers.put(node, committer);
                    if (restored.checkpoint() > 0) {
                        inDoubt = true;
                        committer.commit(restored.committables(node));
                        inDoubt = false;
                    }
                } catch (Throwable failed) {
                    throw OperatorFailure.of(node, null, null, failed);
                }
            }
        }
    }

    /// The checkpoint that holds what was persisted last is about to become complete: from here on
    /// it must not be removed, since the next attempt commits it again.
    void completing() {
        inDoubt = true;
    }

    /// The checkpoint has not become complete.
    void notCompleted() {
        inDoubt = false;
    }

    /// Makes committables visible, in order of the sinks' declaration.
    ///
    /// @param last whether the sinks have written all they will
    void commit(Map<StreamNode, List<String>> committables, boolean last) {
        forEach(
                committables,
                (node, committer, those) -> {
                    committer.commit(those);
                    if (last) {
                        settled.add(node);
                    }
                });
        inDoubt = false;
    }

    /// Brings committables to the disk, invisible.
    void persist(Map<StreamNode, List<String>> committables) {
        forEach(committables, (node, committer, those) -> committer.persist(those));
    }

    private interface Step {
        void run(StreamNode node, SinkCommitter committer, List<String> committables)
                throws Exception;
    }

    private void forEach(Map<StreamNode, List<String>> committables, Step step) {
        committers.forEach(
                (node, committer) -> {
                    try {
                        step.run(node, committer, committables.getOrDefault(node, List.of()));
                    } catch (Throwable failed) {
                        throw OperatorFailure.of(node, null, null, failed);
                    }
                });
    }

    /// Ends the attempt, whatever fails on the way.
    ///
    /// @param remove whether what was not committed goes; a sink that has committed all it had is
    ///   left alone
    /// @return what could not be removed, in words
    List<String> close(boolean remove) {
        List<String> left = new ArrayList<>();
        committers.forEach(
                (node, committer) -> {
                    try (committer) {
                        if (remove && !inDoubt && !settled.contains(node)) {
                            committer.abort();
                        }
                    } catch (Exception | Error failed) {
                        left.add(
                                "unfinished output of "
                                        + node
                                        + " could not be removed: "
                                        + failed.getMessage());
                    }
                });
        committers.clear();
        return left;
    }
}
