package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.SubtaskSnapshot.OperatorPart;
import io.aquifer.engine.SubtaskSnapshot.SourcePart;
import io.aquifer.engine.checkpoint.CheckpointDraft;
import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Puts the subtasks' parts of a checkpoint together.
///
/// @param before what the run had counted when this attempt began
record CheckpointAssembly(
        String runId,
        JobPlan plan,
        OperatorIds ids,
        Map<StreamNode, SourceProgress> sources,
        Duration interval,
        RunTotals before) {
    /// @param snapshots of every subtask
    /// @param committables of each sink, those of failed checkpoints included
    /// @throws IOException when a run cannot be taken into the checkpoint
    CheckpointManifest manifest(
            CheckpointDraft draft,
            Kind kind,
            Instant started,
            Duration took,
            Map<Subtask, SubtaskSnapshot> snapshots,
            Map<StreamNode, List<String>> committables)
            throws IOException {
        RunTotals totals = totals(snapshots);
        List<OperatorState> operators = new ArrayList<>();
        for (JobPlan.Chain chain : plan.chains()) {
            for (StreamNode node : chain.members()) {
                operators.add(
                        operator(
                                draft,
                                chain,
                                node,
                                snapshots,
                                committables.getOrDefault(node, List.of())));
            }
        }
        return new CheckpointManifest(
                draft.id(),
                runId,
                plan.jobName(),
                kind,
                started,
                took,
                interval,
                totals.sourceRecords(),
                totals.rejects(),
                totals.counters(),
                operators);
    }

    private RunTotals totals(Map<Subtask, SubtaskSnapshot> snapshots) {
        RunTotals totals = before;
        for (SubtaskSnapshot snapshot : snapshots.values()) {
            SourcePart source = snapshot.source();
            if (source != null) {
                totals = totals.plus(source.records(), source.rejects(), Map.of());
            }
            for (OperatorPart part : snapshot.operators().values()) {
                totals = totals.plus(0, Map.of(), part.counters());
            }
        }
        return totals;
    }

    private OperatorState operator(
            CheckpointDraft draft,
            JobPlan.Chain chain,
            StreamNode node,
            Map<Subtask, SubtaskSnapshot> snapshots,
            List<String> committables)
            throws IOException {
        long watermark = Long.MAX_VALUE;
        List<StateFile> files = new ArrayList<>();
        List<SourcePart> parts = new ArrayList<>();
        for (Map.Entry<Subtask, SubtaskSnapshot> snapshot : snapshots.entrySet()) {
            OperatorPart part = snapshot.getValue().operators().get(node);
            if (part != null) {
                watermark = Math.min(watermark, part.watermark());
                if (part.file() != null) {
                    files.add(part.file());
                }
                int subtask = snapshot.getKey().context().id().index();
                for (StateRuns.Part run : part.runs().parts()) {
                    files.add(
                            draft.addRun(
                                    ids.of(node),
                                    subtask,
                                    run.file(),
                                    run.firstKeyGroup(),
                                    run.lastKeyGroup()));
                }
                SourcePart source = snapshot.getValue().source();
                if (source != null) {
                    parts.add(source);
                }
            }
        }
        SourceProgress source = sources.get(node);
        List<SplitPosition> splits = source == null ? List.of() : source.positions(parts);
        return new OperatorState(
                ids.of(node),
                node.name(),
                OperatorIds.type(node),
                chain.parallelism(),
                chain.maxParallelism(),
                watermark,
                splits,
                files,
                committables);
    }

    /// The committables of all snapshots, by sink and then by subtask.
    static Map<StreamNode, List<String>> committables(Iterable<SubtaskSnapshot> snapshots) {
        Map<StreamNode, List<String>> all = new LinkedHashMap<>();
        for (SubtaskSnapshot snapshot : snapshots) {
            snapshot.operators()
                    .forEach(
                            (node, part) ->
                                    all.computeIfAbsent(node, ignored -> new ArrayList<>())
                                            .addAll(part.committables()));
        }
        return all;
    }
}
