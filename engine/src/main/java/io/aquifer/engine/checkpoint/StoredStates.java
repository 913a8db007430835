package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.RunSummary;
import io.aquifer.state.run.SavedRunFile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Adds up the sections of a checkpoint's files to its states, from the ends of the files alone.
final class StoredStates {
    /// The section without entries that says of what type an operator's keys are.
    private static final String KEY_TYPE = "key";

    private final OperatorState operator;
    private final Map<Identity, Sum> sums = new LinkedHashMap<>();
    private String keyType = "";

    private record Identity(StateSection.Kind kind, String name) {}

    private static final class Sum {
        final StateSection first;
        final Set<Long> windows = new HashSet<>();
        long entries;
        long bytes;
        boolean exact = true;
        int firstKeyGroup = Integer.MAX_VALUE;
        int lastKeyGroup;
        int maxParallelism;

        Sum(StateSection first) {
            this.first = first;
        }
    }

    private StoredStates(OperatorState operator) {
        this.operator = operator;
    }

    /// What the files of a manifest hold, in the order of the operators and of the files. Files
    /// that cannot be read are left out.
    @SuppressWarnings("EmptyCatch") // said above; verifying names them
    static List<StoredState> of(CheckpointFiles files, CheckpointManifest manifest) {
        List<StoredState> states = new ArrayList<>();
        for (OperatorState operator : manifest.operators()) {
            StoredStates sums = new StoredStates(operator);
            for (StateFile file : operator.files()) {
                if (file.isRun()) {
                    sums.addRun(files, file);
                    continue;
                }
                try (StateFileReader reader = StateFileReader.open(files.open(file), file.path())) {
                    sums.add(reader);
                } catch (IOException unreadable) {
                    // said above
                }
            }
            states.addAll(sums.states());
        }
        return states;
    }

    static boolean isKeyType(StateSection section) {
        return section.kind() == StateSection.Kind.OPERATOR && section.name().equals(KEY_TYPE);
    }

    private void add(StateFileReader file) {
        for (StateSection section : file.sections()) {
            if (isKeyType(section)) {
                keyType = section.valueType();
            } else {
                add(file, section);
            }
        }
    }

    /// Adds a run; of what newer runs say of its entries nothing is known here.
    @SuppressWarnings("EmptyCatch") // said above; verifying names them
    private void addRun(CheckpointFiles files, StateFile file) {
        try {
            RunFile opened = SavedRunFile.open(file.path(), () -> files.open(file));
            try {
                RunSummary run = RunSummary.of(opened);
                Sum sum = sum(run.section());
                sum.entries += run.entries();
                sum.bytes += file.bytes();
                sum.exact &= !run.changes();
                add(sum, run.section(), file.firstKeyGroup(), file.lastKeyGroup());
                sum.maxParallelism = run.header().maxParallelism();
            } finally {
                opened.release();
            }
        } catch (IOException unreadable) {
            // said above
        }
    }

    private Sum sum(StateSection section) {
        return sums.computeIfAbsent(
                new Identity(section.kind(), section.name()), key -> new Sum(section));
    }

    private static void add(Sum sum, StateSection section, int firstKeyGroup, int lastKeyGroup) {
        sum.firstKeyGroup = Math.min(sum.firstKeyGroup, firstKeyGroup);
        sum.lastKeyGroup = Math.max(sum.lastKeyGroup, lastKeyGroup);
        if (section.kind().hasWindow()) {
            sum.windows.add(section.window());
        }
    }

    private void add(StateFileReader file, StateSection section) {
        Sum sum = sum(section);
        StateFileHeader header = file.header();
        sum.entries += file.entryCount(section);
        sum.bytes += file.storedBytes(section);
        add(sum, section, header.firstKeyGroup(), header.lastKeyGroup());
        sum.maxParallelism = header.maxParallelism();
    }

    private List<StoredState> states() {
        List<StoredState> states = new ArrayList<>();
        for (Sum sum : sums.values()) {
            StateSection.Kind kind = sum.first.kind();
            states.add(
                    new StoredState(
                            operator.id(),
                            operator.name(),
                            kind,
                            sum.first.name(),
                            kind == StateSection.Kind.OPERATOR ? "" : keyType,
                            sum.first.keyType(),
                            sum.first.valueType(),
                            sum.entries,
                            sum.exact,
                            sum.bytes,
                            sum.windows.size(),
                            sum.firstKeyGroup,
                            sum.lastKeyGroup,
                            sum.maxParallelism));
        }
        return states;
    }
}
