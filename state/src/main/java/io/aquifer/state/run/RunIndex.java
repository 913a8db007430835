package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

/// What is known of a run without reading its entries.
///
/// @param description what the file says of itself
/// @param isChanges whether older runs have to be considered
/// @param entries in all blocks
/// @param lastRouting of the last entry; 0 if there is none
record RunIndex(
        RunDescription description,
        boolean isChanges,
        long entries,
        long lastRouting,
        Fences fences,
        @Nullable Filter filter) {
    /// Gives all pages back.
    void release() {
        fences.release();
        if (filter != null) {
            filter.release();
        }
    }
}
