package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.run.RunSummary;
import io.aquifer.state.run.SavedRunFile;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/// Tells whether the inside of a state file is whole.
@FunctionalInterface
interface StateFileCheck {
    /// Every checksum of the file.
    StateFileCheck CHECKSUMS =
            (in, file) -> {
                if (file.isRun()) {
                    RunSummary.verify(SavedRunFile.open(file.path(), () -> in));
                } else {
                    try (StateFileReader reader = StateFileReader.open(in, file.path())) {
                        reader.verify();
                    }
                }
            };

    /// @param in closed by the caller
    /// @param file messages name its path
    /// @throws IOException that names the place of the damage
    void verify(SeekableByteChannel in, StateFile file) throws IOException;
}
