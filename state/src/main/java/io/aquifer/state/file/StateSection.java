package io.aquifer.state.file;

/// One state's part of a [StateFileWriter] file.
///
/// @param name the state's name, unique for its kind within a file but for windows
/// @param window what the entries belong to; 0 where [Kind#hasWindow] is false
/// @param keyType the type of the user's map keys as text, empty where there are none
/// @param valueType the type of the values as text, with the schemas it is made of: bytes can be
///   read as a type only when the texts are equal
public record StateSection(
        String name, Kind kind, long window, String keyType, String valueType) {
    /// What the entries of a section are.
    public enum Kind {
        /// One value a key.
        VALUE,
        /// An entry for each element; the elements of a key follow one another in the list's order.
        LIST,
        /// An entry for each key of the user's map.
        MAP,
        WINDOW_VALUE,
        WINDOW_LIST,
        /// An entry for each timer; the value is its time, 8 bytes, little endian.
        EVENT_TIMERS,
        PROCESSING_TIMERS,
        /// State that belongs to no key: the keys are empty.
        OPERATOR;

        public boolean hasWindow() {
            return this == WINDOW_VALUE || this == WINDOW_LIST;
        }
    }
}
