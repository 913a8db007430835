package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryOptions;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.SavedEntries;
import io.aquifer.state.SavedRuns;
import io.aquifer.state.TableSpill;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.RunSummary;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What a checkpoint has of one state as runs, read in a budget of its own. **Threads.** One.
final class SavedState implements AutoCloseable {
    private static final long MEMORY_BYTES = 32L << 20;

    private final CheckpointManifest manifest;
    private final OperatorState operator;
    private final Map<Table, List<Part>> tables;

    /// Whose and which table.
    private record Table(int subtask, StateSection section) {}

    private record Part(StateFile saved, RunFile file, StateFileHeader header) {}

    private SavedState(
            CheckpointManifest manifest, OperatorState operator, Map<Table, List<Part>> tables) {
        this.manifest = manifest;
        this.operator = operator;
        this.tables = tables;
    }

    /// @param opener opens a run
    static SavedState of(
            CheckpointManifest manifest,
            OperatorState operator,
            StoredState state,
            Function<StateFile, RunFile> opener)
            throws IOException {
        Map<Table, List<Part>> tables = new LinkedHashMap<>();
        SavedState saved = new SavedState(manifest, operator, tables);
        boolean complete = false;
        try {
            for (StateFile file : operator.files()) {
                if (file.isRun()) {
                    saved.add(file, opener.apply(file), state);
                }
            }
            complete = true;
            return saved;
        } finally {
            if (!complete) {
                saved.close();
            }
        }
    }

    private void add(StateFile saved, RunFile file, StoredState state) throws IOException {
        boolean taken = false;
        try {
            RunSummary run = RunSummary.of(file);
            StateSection section = run.section();
            if (section.kind() == state.kind() && section.name().equals(state.name())) {
                tables.computeIfAbsent(
                                new Table(saved.subtask(), section), key -> new ArrayList<>())
                        .add(new Part(saved, file, run.header()));
                taken = true;
            }
        } finally {
            if (!taken) {
                file.release();
            }
        }
    }

    /// @return whether the visitor wanted all
    boolean forEach(CheckpointView.Visitor visitor) throws IOException {
        if (tables.isEmpty()) {
            return true;
        }
        MemoryPlan plan = new MemoryPlan(MEMORY_BYTES, MEMORY_BYTES, 0, 0, 0, 0, 0);
        Path spilled = Path.of(System.getProperty("java.io.tmpdir"));
        try (MemoryManager manager = MemoryManager.create(plan, MemoryOptions.DEFAULTS);
                TableSpill spill = TableSpill.in(spilled);
                MemoryScope scope = manager.openScope("checkpoint " + manifest.id())) {
            for (Map.Entry<Table, List<Part>> table : tables.entrySet()) {
                if (!forEach(table.getKey(), table.getValue(), manager, scope, spill, visitor)) {
                    return false;
                }
            }
            return true;
        }
    }

    private boolean forEach(
            Table table,
            List<Part> parts,
            MemoryManager manager,
            MemoryScope scope,
            TableSpill spill,
            CheckpointView.Visitor visitor)
            throws IOException {
        int groups = operator.maxParallelism();
        KeyRouting routing = KeyRouting.of(RunSeed.of(manifest.runId()), groups);
        List<SavedRuns.Slice> slices = new ArrayList<>();
        for (Part part : parts) {
            part.file().retain();
            slices.add(
                    new SavedRuns.Slice(
                            part.file(),
                            part.saved().firstKeyGroup(),
                            part.saved().lastKeyGroup()));
        }
        String name = operator.name() + " / " + table.section().name();
        return SavedEntries.forEach(
                scope.leasePages(manager.managed(), name),
                routing,
                spill,
                new TableSpill.Table(
                        name,
                        new StateFileHeader(operator.id(), table.subtask(), groups, 0, groups - 1),
                        table.section(),
                        routing.keyGroupBits()),
                new SavedRuns(slices, manifest.id() + 1, false),
                entry -> visitor.visit(table.section(), table.subtask(), entry));
    }

    @Override
    public void close() {
        tables.values().forEach(parts -> parts.forEach(part -> part.file().release()));
        tables.clear();
    }
}
