package io.aquifer.cli;

import io.aquifer.cli.StateDifference.Keys;
import io.aquifer.engine.checkpoint.CheckpointView;
import io.aquifer.engine.checkpoint.StoredState;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Compares the states of two checkpoints key by key, in a table of fixed size.
///
/// The entries lie in no order, so the keys of the one checkpoint are put into a [FingerprintTable]
/// and those of the other looked up. When they do not all fit, the keys are divided into parts by
/// their fingerprints and the files are read once for each part: memory stays the same, and time
/// grows with the square of the size.
final class StateComparison {
    private static final int PLACES_MAX = 1 << 23;
    private static final int PLACES_MIN = 1 << 10;

    private final CheckpointView before;
    private final CheckpointView after;
    private final int examplesMax;
    private final FingerprintTable table;

    /// @param places of the table, a power of two
    /// @param examplesMax the most keys to name of each kind of difference
    StateComparison(CheckpointView before, CheckpointView after, int places, int examplesMax) {
        this.before = before;
        this.after = after;
        this.examplesMax = examplesMax;
        this.table = new FingerprintTable(places);
    }

    /// As many places as half of the Java heap takes, eight million at most.
    static int placesForThisHeap() {
        long places = Runtime.getRuntime().maxMemory() / 2 / FingerprintTable.BYTES_PER_PLACE;
        return Integer.highestOneBit(Math.clamp(places, PLACES_MIN, PLACES_MAX));
    }

    /// All states of both, also those without a difference, in the order of the second checkpoint;
    /// those that are only in the first come last.
    List<StateDifference> differences() throws IOException {
        List<StoredState> ofBefore = before.states();
        List<StoredState> ofAfter = after.states();
        List<StateDifference> differences = new ArrayList<>();
        StoredStateNames names = new StoredStateNames(ofAfter);
        for (StoredState state : ofAfter) {
            String name = names.fullName(state);
            StoredState earlier = find(ofBefore, state);
            differences.add(
                    earlier == null
                            ? new StateDifference(
                                    name, null, state, Keys.NONE, Keys.NONE, Keys.NONE)
                            : compare(name, earlier, state));
        }
        StoredStateNames earlierNames = new StoredStateNames(ofBefore);
        for (StoredState state : ofBefore) {
            if (find(ofAfter, state) == null) {
                differences.add(
                        new StateDifference(
                                earlierNames.fullName(state),
                                state,
                                null,
                                Keys.NONE,
                                Keys.NONE,
                                Keys.NONE));
            }
        }
        return differences;
    }

    private static @Nullable StoredState find(List<StoredState> states, StoredState wanted) {
        return states.stream().filter(wanted::isSameState).findFirst().orElse(null);
    }

    private StateDifference compare(String name, StoredState earlier, StoredState later)
            throws IOException {
        Found onlyBefore = new Found();
        Found onlyAfter = new Found();
        Found changed = new Found();
        int parts = (int) (earlier.entries() / (table.capacity() / 4 * 3) + 1);
        for (int part = 0; part < parts; part++) {
            comparePart(earlier, later, part, parts, onlyBefore, onlyAfter, changed);
        }
        return new StateDifference(
                name, earlier, later, onlyBefore.keys(), onlyAfter.keys(), changed.keys());
    }

    private final class Found {
        private final List<String> examples = new ArrayList<>();
        private long count;

        boolean wantsNames() {
            return examples.size() < examplesMax;
        }

        void add(Group group) {
            count++;
            if (wantsNames()) {
                examples.add(group.text);
            }
        }

        Keys keys() {
            return new Keys(count, examples);
        }
    }

    private void comparePart(
            StoredState earlier,
            StoredState later,
            int part,
            int parts,
            Found onlyBefore,
            Found onlyAfter,
            Found changed)
            throws IOException {
        table.clear();
        new Group(earlier, part, parts, () -> false)
                .forEach(
                        before,
                        group -> {
                            if (!table.put(group.first, group.second, group.value)) {
                                throw new CommandException(
                                        ExitCode.INTERNAL,
                                        "the keys of state '"
                                                + earlier.name()
                                                + "' do not divide evenly; this is a fault in"
                                                + " Aquifer. Please report it.");
                            }
                            return true;
                        });
        new Group(later, part, parts, () -> onlyAfter.wantsNames() || changed.wantsNames())
                .forEach(
                        after,
                        group -> {
                            int place = table.placeOf(group.first, group.second);
                            if (place < 0) {
                                onlyAfter.add(group);
                            } else {
                                table.markSeen(place);
                                if (table.valueAt(place) != group.value) {
                                    changed.add(group);
                                }
                            }
                            return true;
                        });
        int unseen = table.size() - table.seen();
        long counted = onlyBefore.count + unseen;
        if (unseen > 0 && onlyBefore.wantsNames()) {
            new Group(earlier, part, parts, () -> true)
                    .forEach(
                            before,
                            group -> {
                                int place = table.placeOf(group.first, group.second);
                                if (place >= 0 && !table.isSeen(place)) {
                                    onlyBefore.add(group);
                                }
                                return onlyBefore.wantsNames();
                            });
        }
        onlyBefore.count = counted;
    }

    /// Goes through the entries of a state in groups: the elements of a list together, and what an
    /// operator's subtask keeps; all others alone. Shows those of one part.
    private static final class Group {
        private final StoredState state;
        private final StoredEntry rows;
        private final int part;
        private final int parts;
        private final BooleanSupplier namesWanted;
        private final boolean several;
        private final Fingerprint identity = new Fingerprint();
        private final Fingerprint content = new Fingerprint();

        /// Where the group at hand lies, if there is one.
        private byte[] key = new byte[0];

        private long window;
        private int subtask = -1;

        /// Whether it is one of the part.
        private boolean shown;

        /// The fingerprints of what is shown.
        long first;

        long second;
        long value;

        /// The name of what is shown, if it was wanted.
        String text = "";

        Group(StoredState state, int part, int parts, BooleanSupplier namesWanted) {
            this.state = state;
            this.rows = new StoredEntry(state);
            this.part = part;
            this.parts = parts;
            this.namesWanted = namesWanted;
            this.several =
                    switch (state.kind()) {
                        case LIST, WINDOW_LIST, OPERATOR -> true;
                        default -> false;
                    };
        }

        private interface Step {
            /// @return whether to go on
            boolean see(Group group);
        }

        void forEach(CheckpointView view, Step step) throws IOException {
            view.forEach(
                    state,
                    (section, ofSubtask, entry) -> {
                        if (several && continues(section, ofSubtask, entry)) {
                            addValue(entry);
                            return true;
                        }
                        boolean goOn = end(step);
                        begin(section, ofSubtask, entry);
                        return goOn && (several || end(step));
                    });
            end(step);
        }

        private boolean continues(StateSection section, int ofSubtask, StateEntry entry) {
            int from = entry.keyOffset();
            return ofSubtask == subtask
                    && section.window() == window
                    && Arrays.equals(
                            key, 0, key.length, entry.buffer(), from, from + entry.keyLength());
        }

        private void begin(StateSection section, int ofSubtask, StateEntry entry) {
            byte[] bytes = entry.buffer();
            identity.reset().add(section.window()).add(bytes, entry.keyOffset(), entry.keyLength());
            switch (state.kind()) {
                case MAP -> identity.add(bytes, entry.mapKeyOffset(), entry.mapKeyLength());
                case EVENT_TIMERS, PROCESSING_TIMERS ->
                        identity.add(bytes, entry.valueOffset(), entry.valueLength());
                case OPERATOR -> identity.add(ofSubtask);
                default -> {}
            }
            first = identity.first();
            second = identity.second();
            shown = Long.remainderUnsigned(first, parts) == part;
            content.reset();
            addValue(entry);
            if (several) {
                subtask = ofSubtask;
                window = section.window();
                int from = entry.keyOffset();
                key = Arrays.copyOfRange(bytes, from, from + entry.keyLength());
            }
            if (shown && namesWanted.getAsBoolean()) {
                text = rows.identity(section, ofSubtask, entry);
            }
        }

        private void addValue(StateEntry entry) {
            if (shown) {
                content.add(entry.buffer(), entry.valueOffset(), entry.valueLength());
            }
        }

        private boolean end(Step step) {
            if (!shown) {
                return true;
            }
            shown = false;
            value = content.first();
            return step.see(this);
        }
    }
}
