package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateSection;

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

    private void add(StateFileReader file, StateSection section) {
        Sum sum =
                sums.computeIfAbsent(
                        new Identity(section.kind(), section.name()), key -> new Sum(section));
        StateFileHeader header = file.header();
        sum.entries += file.entryCount(section);
        sum.bytes += file.storedBytes(section);
        sum.firstKeyGroup = Math.min(sum.firstKeyGroup, header.firstKeyGroup());
        sum.lastKeyGroup = Math.max(sum.lastKeyGroup, header.lastKeyGroup());
        sum.maxParallelism = header.maxParallelism();
        if (section.kind().hasWindow()) {
            sum.windows.add(section.window());
        }
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
                            sum.bytes,
                            sum.windows.size(),
                            sum.firstKeyGroup,
                            sum.lastKeyGroup,
                            sum.maxParallelism));
        }
        return states;
    }
}
