package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/// One subtask's part of a checkpoint, or of all that is left at its end.
///
/// @param operators by node, every operator of the chain
/// @param source what a source's subtask has read, else null
/// @param failure why its state could not be written, or null; its committables stand
record SubtaskSnapshot(
        Map<StreamNode, OperatorPart> operators,
        @Nullable SourcePart source,
        @Nullable IOException failure) {
    SubtaskSnapshot failed(IOException why) {
        return new SubtaskSnapshot(operators, source, why);
    }

    /// Lets the runs go: the checkpoint is complete or was given up.
    void closeRuns() {
        operators.values().forEach(part -> part.runs().close());
    }

    /// @param watermark what it has passed on; a sink: what it was given
    /// @param file its state, null when it has none
    /// @param runs what of its state is not in the file
    record OperatorPart(
            long watermark,
            @Nullable StateFile file,
            StateRuns runs,
            List<String> committables,
            Map<String, Long> counters) {}

    /// @param done the splits this subtask has read to their end, by index, with their last
    ///   position
    /// @param split the one being read, -1 for none
    /// @param position where it goes on
    /// @param records read by this subtask in this attempt
    record SourcePart(
            Map<Integer, Long> done,
            int split,
            long position,
            long records,
            Map<String, Long> rejects) {}
}
