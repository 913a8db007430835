package io.aquifer.engine;

import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.state.SavedRuns;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.RunFile;

/// A run of a checkpoint as far as one subtask owns it now.
///
/// @param saved as the manifest has it
/// @param section the state it is of
record RestoredRun(
        StateFile saved, StateSection section, RunFile file, int firstKeyGroup, int lastKeyGroup) {
    SavedRuns.Slice slice() {
        return new SavedRuns.Slice(file, firstKeyGroup, lastKeyGroup);
    }
}
