package io.aquifer.state.run;

import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;

import java.util.Objects;

/// What the runs of one table have in common, and their files say.
///
/// @param header whose state it is, with the key groups that may occur
/// @param section the state, as a state file describes it
/// @param keyGroupBits how many of a routing's high bits are the key group, 0 to 15: as many as the
///   max parallelism needs, or more
public record RunDescription(StateFileHeader header, StateSection section, int keyGroupBits) {
    static final int KEY_GROUP_BITS_MAX = 15;

    public RunDescription {
        Objects.requireNonNull(header, "header");
        Objects.requireNonNull(section, "section");
        if (keyGroupBits < 0
                || keyGroupBits > KEY_GROUP_BITS_MAX
                || header.maxParallelism() - 1 >> keyGroupBits != 0) {
            throw new IllegalArgumentException(
                    "%d bits of a routing cannot name %,d key groups; 0 to %d bits can be given"
                            .formatted(keyGroupBits, header.maxParallelism(), KEY_GROUP_BITS_MAX));
        }
    }

    /// The key group in a routing.
    int keyGroup(long routing) {
        return keyGroupBits == 0 ? 0 : (int) (routing >>> -keyGroupBits);
    }

    /// The lowest routing of a key group.
    public long firstRouting(int keyGroup) {
        return keyGroupBits == 0 ? 0 : (long) keyGroup << -keyGroupBits;
    }

    /// The highest routing of a key group.
    public long lastRouting(int keyGroup) {
        return firstRouting(keyGroup) | -1L >>> keyGroupBits;
    }
}
