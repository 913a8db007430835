package io.aquifer.state.run;

import java.io.IOException;
import java.nio.file.Path;

/// Where the runs of a process lie. Any thread.
public interface RunFiles {
    /// A new empty file, [held][RunFile#retain] once.
    ///
    /// @throws IOException if the disk refuses; nothing is left then
    RunFile create() throws IOException;

    /// A file that holds what another one holds and outlives it: by a hard link where the file
    /// systems allow it, else by a copy. Held once.
    ///
    /// @param existing a complete run's file, such as one of a checkpoint; stays as it is
    /// @throws IOException if the disk refuses; nothing is left then
    RunFile linkOrCopyFrom(Path existing) throws IOException;

    /// The place as messages name it.
    @Override
    String toString();
}
