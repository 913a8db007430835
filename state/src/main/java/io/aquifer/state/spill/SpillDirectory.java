package io.aquifer.state.spill;

import java.io.IOException;

/// Where structures that outgrow their memory put files. Any thread.
public interface SpillDirectory {
    /// A new empty file, which nobody else sees.
    ///
    /// @throws IOException if the disk refuses; nothing is left then
    SpillFile create() throws IOException;

    /// The directory as messages name it.
    @Override
    String toString();
}
