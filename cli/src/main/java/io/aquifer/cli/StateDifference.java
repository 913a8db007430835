package io.aquifer.cli;

import io.aquifer.engine.checkpoint.StoredState;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// How one state differs between two checkpoints.
///
/// Keys are those of the entries: a list counts once with all its elements, a map once for each map
/// key, a timer with its time.
///
/// @param name as [StoredStateNames#fullName] has it
/// @param before the state in the one checkpoint, null when it is not there
/// @param after the state in the other
/// @param onlyBefore keys in the one alone
/// @param onlyAfter keys in the other alone
/// @param changed keys whose values differ
record StateDifference(
        String name,
        @Nullable StoredState before,
        @Nullable StoredState after,
        Keys onlyBefore,
        Keys onlyAfter,
        Keys changed) {

    /// @param count all of them
    /// @param examples the first ones that were met, as text
    record Keys(long count, List<String> examples) {
        static final Keys NONE = new Keys(0, List.of());

        Keys {
            examples = List.copyOf(examples);
        }
    }

    /// The state in either checkpoint.
    StoredState either() {
        StoredState state = after == null ? before : after;
        if (state == null) {
            throw new IllegalStateException("the state is in neither checkpoint");
        }
        return state;
    }

    boolean typesDiffer() {
        StoredState one = before;
        StoredState other = after;
        return one != null
                && other != null
                && !(one.keyType().equals(other.keyType())
                        && one.mapKeyType().equals(other.mapKeyType())
                        && one.valueType().equals(other.valueType()));
    }

    boolean isNone() {
        return before != null
                && after != null
                && !typesDiffer()
                && onlyBefore.count() + onlyAfter.count() + changed.count() == 0;
    }
}
