package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The keyed state of one operator in the files of a checkpoint, as far as one subtask owns it now.
///
/// A state is read when the operator first asks for it. What it has not asked for yet goes into the
/// next checkpoint as it is, so that nothing is lost. Used by the subtask's thread.
final class RestoredState implements AutoCloseable {
    private final StreamNode node;
    private final List<StateFileReader> files;
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
        void load(StateSection section, StateEntries entry);
    }

    /// @param files belong to this object from now on
    RestoredState(StreamNode node, List<StateFileReader> files, KeyOwner owner) {
        this.node = node;
        this.files = List.copyOf(files);
        this.owner = owner;
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
        void run(StateEntries entry) throws IOException;
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
            throw new UncheckedIOException(
                    "cannot read state '%s' of %s from its checkpoint: %s"
                            .formatted(section.name(), node, failed.getMessage()),
                    failed);
        }
    }

    private boolean owns(StateFileReader file, StateEntries entry) {
        return owner.owns(file.header(), entry.buffer(), entry.keyOffset(), entry.keyLength());
    }

    /// Writes the states that the operator has not asked for.
    void copyUnclaimed(StateFileWriter out) throws IOException {
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
