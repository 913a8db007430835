package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.SavedEntries;
import io.aquifer.state.SavedRuns;
import io.aquifer.state.TableSpill;
import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The keyed state of one operator in the files of a checkpoint, as far as one subtask owns it now.
///
/// A state is read when the operator first asks for it. What it has not asked for yet goes into the
/// next checkpoint as it is, so that nothing is lost. Used by the subtask's thread.
final class RestoredState implements AutoCloseable {
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final KeyRouting routing;
    private final List<StateFileReader> files;

    /// Those that no table has taken.
    private final List<RestoredRun> runs;

    private final KeyOwner owner;
    private final Set<State> claimed = new HashSet<>();

    private record State(StateSection.Kind kind, String name) {
        static State of(StateSection section) {
            return new State(section.kind(), section.name());
        }
    }

    /// Whether a key is one of the subtask's.
    interface KeyOwner {
        /// Whether all keys of a file are the subtask's, so that they need not be looked at.
        boolean ownsAll(StateFileHeader file);

        /// Whether any key of a file may be the subtask's.
        boolean ownsSome(StateFileHeader file);

        /// Whether a key of a file is the subtask's.
        ///
        /// @throws StateDirectoryException when the key cannot be of that file: it has another key
        ///   group now than when it was saved
        boolean owns(StateFileHeader file, byte[] bytes, int offset, int length);
    }

    /// Takes the entries of a state; those of one key and window in the order they were written.
    interface Loader {
        void load(StateSection section, StateEntry entry);
    }

    /// @param files belong to this object from now on, as `runs` do
    RestoredState(
            StreamNode node,
            SubtaskContext subtask,
            KeyRouting routing,
            List<StateFileReader> files,
            List<RestoredRun> runs,
            KeyOwner owner) {
        this.node = node;
        this.subtask = subtask;
        this.routing = routing;
        this.files = List.copyOf(files);
        this.runs = new ArrayList<>(runs);
        this.owner = owner;
    }

    /// Opens what the subtask's checkpoint has of an operator.
    static RestoredState open(
            StreamNode node, SubtaskContext subtask, KeyRouting routing, KeyOwner owner) {
        RestorePoint from = subtask.restored();
        List<StateFileReader> files = from.open(node, owner);
        boolean opened = false;
        try {
            List<RestoredRun> runs = from.openRuns(node, subtask.keyGroups());
            opened = true;
            return new RestoredState(node, subtask, routing, files, runs, owner);
        } finally {
            if (!opened) {
                files.forEach(RestorePoint::close);
            }
        }
    }

    /// The runs of a state, which are the caller's from now on.
    ///
    /// @param section with the types as they are now
    SavedRuns takeRuns(StateSection section) {
        List<RestoredRun> taken = new ArrayList<>();
        long bytes = 0;
        for (RestoredRun run : runs) {
            if (run.section().isSameStateAs(section)) {
                check(run.section(), section.keyType(), section.valueType());
                taken.add(run);
                bytes += run.saved().bytes();
            }
        }
        if (taken.isEmpty()) {
            return SavedRuns.NONE;
        }
        runs.removeAll(taken);
        // What may fit is brought to memory at once: faster than key by key.
        boolean loaded = bytes * 2 <= subtask.manager().availableBytes(subtask.manager().managed());
        return new SavedRuns(
                taken.stream().map(RestoredRun::slice).toList(),
                subtask.restored().checkpoint() + 1,
                loaded);
    }

    /// Looks at a key that each file has as a sample, for its key group.
    ///
    /// @param section that has the samples
    /// @return one of the subtask's, null if there is none
    byte @Nullable [] checkSamples(StateSection section) {
        byte[] sample = null;
        for (StateFileReader file : files) {
            if (file.sections().contains(section)) {
                try {
                    for (StateEntries entry = file.entries(section); entry.next(); ) {
                        int from = entry.valueOffset();
                        int length = entry.valueLength();
                        if (owner.owns(file.header(), entry.buffer(), from, length)) {
                            sample = Arrays.copyOfRange(entry.buffer(), from, from + length);
                        }
                    }
                } catch (IOException failed) {
                    throw unreadable(section, failed);
                }
            }
        }
        return sample;
    }

    /// The windows of which there are runs.
    Set<Long> windowsOfRuns(RegisteredState state) {
        Set<Long> windows = new TreeSet<>();
        for (RestoredRun run : runs) {
            StateSection section = run.section();
            if (section.kind() == state.kind() && section.name().equals(state.name())) {
                windows.add(section.window());
            }
        }
        return windows;
    }

    UncheckedIOException unreadable(StateSection section, IOException failed) {
        return new UncheckedIOException(
                "cannot read state '%s' of %s from its checkpoint: %s"
                        .formatted(section.name(), node, failed.getMessage()),
                failed);
    }

    /// Hands the subtask's entries of a state to `loader`.
    ///
    /// @param valueType the type as it is now
    /// @throws StateDirectoryException when the state was written with other types
    void load(
            StateSection.Kind kind, String name, String keyType, String valueType, Loader loader) {
        claimed.add(new State(kind, name));
        for (StateFileReader file : files) {
            for (StateSection section : file.sections()) {
                if (section.kind() == kind && section.name().equals(name)) {
                    check(section, keyType, valueType);
                    forEachOwned(file, section, entry -> loader.load(section, entry));
                }
            }
        }
        for (RestoredRun run : List.copyOf(runs)) {
            StateSection section = run.section();
            if (section.kind() == kind && section.name().equals(name) && runs.contains(run)) {
                check(section, keyType, valueType);
                loadRuns(section, loader);
            }
        }
    }

    /// Hands the entries of a state's runs to `loader`.
    private void loadRuns(StateSection section, Loader loader) {
        SavedRuns saved = takeRuns(section);
        KeyGroupRange groups = subtask.keyGroups();
        String name = node.name() + " / " + section.name() + " / restoring";
        TableSpill.Table description =
                new TableSpill.Table(
                        subtask.memory().owner() + " / " + name,
                        new StateFileHeader(
                                subtask.attempt().ids().of(node),
                                subtask.id().index(),
                                groups.maxParallelism(),
                                groups.first(),
                                groups.last()),
                        section,
                        routing.keyGroupBits());
        try {
            SavedEntries.forEach(
                    subtask.memory().leasePages(subtask.manager().managed(), name),
                    routing,
                    subtask.spill().tables(),
                    description,
                    new SavedRuns(saved.slices(), saved.era(), false),
                    entry -> {
                        loader.load(section, entry);
                        return true;
                    });
        } catch (IOException failed) {
            throw unreadable(section, failed);
        }
    }

    private void check(StateSection section, String keyType, String valueType) {
        String before = section.keyType() + section.valueType();
        String now = keyType + valueType;
        if (!before.equals(now)) {
            throw new StateDirectoryException(
                    "state '%s' of %s was saved as [%s] and is [%s] now. Give the new state another name, or go back to the old type; a state's type cannot change yet."
                            .formatted(
                                    section.name(),
                                    node,
                                    words(section.keyType(), section.valueType()),
                                    words(keyType, valueType)),
                    null);
        }
    }

    private static String words(String keyType, String valueType) {
        return keyType.isEmpty() ? valueType : keyType + " -> " + valueType;
    }

    /// One entry, which may fail as the disk does.
    private interface EntryStep {
        void run(StateEntry entry) throws IOException;
    }

    private void forEachOwned(StateFileReader file, StateSection section, EntryStep step) {
        try {
            boolean keyless = section.kind() == StateSection.Kind.OPERATOR;
            boolean all = keyless || owner.ownsAll(file.header());
            boolean first = !keyless;
            StateEntries entry = file.entries(section);
            while (entry.next()) {
                // The first key is looked at in any case, for its key group.
                if (all && !first || owns(file, entry)) {
                    step.run(entry);
                }
                first = false;
            }
        } catch (IOException failed) {
            throw unreadable(section, failed);
        }
    }

    private boolean owns(StateFileReader file, StateEntry entry) {
        return owner.owns(file.header(), entry.buffer(), entry.keyOffset(), entry.keyLength());
    }

    /// Saves again the states that the operator has not asked for.
    void copyUnclaimed(StateFileWriter out, StateRuns saved) throws IOException {
        for (RestoredRun run : runs) {
            saved.add(run.file(), run.firstKeyGroup(), run.lastKeyGroup());
        }
        Set<StateSection> sections = new LinkedHashSet<>();
        for (StateFileReader file : files) {
            sections.addAll(file.sections());
        }
        for (StateSection section : sections) {
            if (!claimed.contains(State.of(section))
                    && section.kind() != StateSection.Kind.OPERATOR) {
                out.begin(section);
                for (StateFileReader file : files) {
                    if (file.sections().contains(section)) {
                        copy(file, section, out);
                    }
                }
            }
        }
    }

    private void copy(StateFileReader file, StateSection section, StateFileWriter out)
            throws IOException {
        boolean map = section.kind() == StateSection.Kind.MAP;
        try {
            forEachOwned(
                    file,
                    section,
                    entry -> {
                        byte[] bytes = entry.buffer();
                        if (map) {
                            out.mapEntry(
                                    bytes,
                                    entry.keyOffset(),
                                    entry.keyLength(),
                                    bytes,
                                    entry.mapKeyOffset(),
                                    entry.mapKeyLength(),
                                    bytes,
                                    entry.valueOffset(),
                                    entry.valueLength());
                        } else {
                            out.entry(
                                    bytes,
                                    entry.keyOffset(),
                                    entry.keyLength(),
                                    bytes,
                                    entry.valueOffset(),
                                    entry.valueLength());
                        }
                    });
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    @Override
    public void close() {
        runs.forEach(run -> run.file().release());
        runs.clear();
        for (StateFileReader file : files) {
            try {
                file.close();
            } catch (IOException ignored) {
                // Only read; nothing is lost.
                continue;
            }
        }
    }
}
