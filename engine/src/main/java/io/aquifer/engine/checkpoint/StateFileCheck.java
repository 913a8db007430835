package io.aquifer.engine.checkpoint;

import io.aquifer.state.file.StateFileReader;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/// Tells whether the inside of a state file is whole.
@FunctionalInterface
interface StateFileCheck {
    /// Every checksum of the file.
    StateFileCheck CHECKSUMS =
            (in, name) -> {
                try (StateFileReader reader = StateFileReader.open(in, name)) {
                    reader.verify();
                }
            };

    /// @param in closed by the caller
    /// @param name what messages call the file
    /// @throws IOException that names the place of the damage
    void verify(SeekableByteChannel in, String name) throws IOException;
}
