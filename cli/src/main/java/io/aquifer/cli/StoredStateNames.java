package io.aquifer.cli;

import io.aquifer.engine.checkpoint.StoredState;
import io.aquifer.state.file.StateSection;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How the states of a checkpoint are called on the command line: `OPERATOR/STATE`.
///
/// An operator is called by its name or its id; a state by its name, followed by `:` and its kind
/// where the operator has several of the name, as event-time and processing-time timers are.
record StoredStateNames(List<StoredState> states) {
    private static final int LIST_MAX = 10;

    /// `event-timers`.
    static String kind(StateSection.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The state's name, with its kind where that is needed to tell it apart.
    String shortName(StoredState state) {
        boolean alone =
                states.stream()
                        .noneMatch(
                                other ->
                                        other.operatorId().equals(state.operatorId())
                                                && other.name().equals(state.name())
                                                && other.kind() != state.kind());
        return alone ? state.name() : state.name() + ":" + kind(state.kind());
    }

    /// `OPERATOR/STATE`, by the operator's name unless another has the same.
    String fullName(StoredState state) {
        boolean alone =
                states.stream()
                        .noneMatch(
                                other ->
                                        other.operatorName().equals(state.operatorName())
                                                && !other.operatorId().equals(state.operatorId()));
        return (alone ? state.operatorName() : state.operatorId()) + "/" + shortName(state);
    }

    private static boolean isCalled(StoredState state, String name) {
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            String operator = name.substring(0, slash);
            String own = name.substring(slash + 1);
            if ((operator.equals(state.operatorName()) || operator.equals(state.operatorId()))
                    && (own.equals(state.name())
                            || own.equals(state.name() + ":" + kind(state.kind())))) {
                return true;
            }
        }
        return false;
    }

    /// The state that is called so.
    ///
    /// @param where it is looked for, such as `checkpoint 12`
    /// @throws CommandException if none is, or several are; it lists what there is
    StoredState find(String name, String where) {
        List<StoredState> called = states.stream().filter(state -> isCalled(state, name)).toList();
        if (called.size() == 1) {
            return called.getFirst();
        }
        Optional<StoredState> exact =
                called.stream().filter(state -> fullName(state).equals(name)).findFirst();
        if (exact.isPresent()) {
            return exact.get();
        }
        boolean none = called.isEmpty();
        List<String> offered =
                (none ? states : called).stream().map(this::fullName).sorted().toList();
        String list =
                String.join(", ", offered.subList(0, Math.min(LIST_MAX, offered.size())))
                        + (offered.size() > LIST_MAX
                                ? " and " + (offered.size() - LIST_MAX) + " more"
                                : "");
        throw new CommandException(
                ExitCode.USAGE,
                none
                        ? "--dump: "
                                + where
                                + " has no state '"
                                + name
                                + "'. "
                                + (offered.isEmpty()
                                        ? "It has no state that can be read."
                                        : "It has " + list + ".")
                        : "--dump: '"
                                + name
                                + "' is more than one state of "
                                + where
                                + ". Choose one of "
                                + list
                                + ".");
    }

    /// What the entries are of: `String -> map of Long to Flight`.
    static String types(StoredState state) {
        String key = StoredType.of(state.keyType()).shortName();
        String value = StoredType.of(state.valueType()).shortName();
        String of =
                switch (state.kind()) {
                    case VALUE, WINDOW_VALUE -> value;
                    case LIST, WINDOW_LIST -> "list of " + value;
                    case MAP ->
                            "map of "
                                    + StoredType.of(state.mapKeyType()).shortName()
                                    + " to "
                                    + value;
                    case EVENT_TIMERS, PROCESSING_TIMERS -> "time";
                    case OPERATOR -> value;
                };
        return key.isEmpty() ? of : key + " -> " + of;
    }
}
