package io.aquifer.memory;

/// Where pages come from; one mode for the whole process, chosen at first use.
public enum PageMode {
    /// One reserved mapping, committed on touch and decommitted by range. Needs native access on
    /// Linux.
    MAPPED,
    /// Chunks allocated on demand without any restricted call.
    PORTABLE;

    @Override
    public String toString() {
        return this == MAPPED ? "mapped" : "portable";
    }
}
