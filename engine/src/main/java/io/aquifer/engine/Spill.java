package io.aquifer.engine;

import io.aquifer.state.TableSpill;
import io.aquifer.state.spill.LocalSpillDirectory;
import io.aquifer.state.spill.SpillDirectory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// Where what one job has no memory for goes.
///
/// @param files of functions' own structures
/// @param tables of keyed state
record Spill(SpillDirectory files, TableSpill tables) implements AutoCloseable {
    /// @param directory need not exist yet
    static Spill in(Path directory) {
        return new Spill(LocalSpillDirectory.at(directory), TableSpill.in(directory));
    }

    /// Removes what is left; whoever wrote it has ended.
    @Override
    public void close() {
        try {
            tables.close();
        } catch (IOException refused) {
            throw new UncheckedIOException(
                    "cannot remove spilled state from " + tables + ": " + refused.getMessage(),
                    refused);
        }
    }
}
