package io.aquifer.state.file;

import java.util.Objects;

/// One state's part of a [StateFileWriter] file. Name, kind and window tell the sections of a file
/// apart.
///
/// @param name the state's name, unique for its kind within a file but for windows
/// @param window what the entries belong to; 0 where [Kind#hasWindow] is false
/// @param keyType the type of the user's map keys as text, empty where there are none
/// @param valueType the type of the values as text, with the schemas it is made of: bytes can be
///   read as a type only when the texts are equal
public record StateSection(String name, Kind kind, long window, String keyType, String valueType) {
    public StateSection {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(keyType, "keyType");
        Objects.requireNonNull(valueType, "valueType");
        if (window != 0 && !kind.hasWindow()) {
            throw new IllegalArgumentException(
                    "section '"
                            + name
                            + "' of kind "
                            + kind
                            + " has no window, but was given "
                            + window);
        }
    }

    /// What the entries of a section are.
    public enum Kind {
        /// One value a key.
        VALUE(1),
        /// An entry for each element; the elements of a key follow one another in the list's order.
        LIST(2),
        /// An entry for each key of the user's map; the entries of a key follow one another.
        MAP(3),
        /// As [#VALUE], of one window.
        WINDOW_VALUE(4),
        /// As [#LIST], of one window.
        WINDOW_LIST(5),
        /// An entry for each timer; the value is its time, 8 bytes, little endian.
        EVENT_TIMERS(6),
        /// As [#EVENT_TIMERS], by the clock of the machine.
        PROCESSING_TIMERS(7),
        /// State that belongs to no key: the keys are empty.
        OPERATOR(8);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /// What stands for the kind in a file, for ever.
        public int code() {
            return code;
        }

        public boolean hasWindow() {
            return this == WINDOW_VALUE || this == WINDOW_LIST;
        }

        /// Whether many entries with one key follow one another.
        boolean repeatsKeys() {
            return this == LIST || this == MAP || this == WINDOW_LIST;
        }
    }

    /// Whether a file cannot have both: they agree in what tells sections apart.
    public boolean isSameStateAs(StateSection other) {
        return name.equals(other.name) && kind == other.kind && window == other.window;
    }
}
