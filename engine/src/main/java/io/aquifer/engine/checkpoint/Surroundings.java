package io.aquifer.engine.checkpoint;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What a state directory gets from outside, so that tests can decide it.
///
/// @param clock for messages only
/// @param random makes run ids
/// @param pid this process, for messages of others
record Surroundings(
        Disk disk, StateFileCheck check, InstantSource clock, RandomGenerator random, long pid) {
    static Surroundings system() {
        return new Surroundings(
                Disk.SYSTEM,
                StateFileCheck.CHECKSUMS,
                InstantSource.system(),
                new SecureRandom(),
                ProcessHandle.current().pid());
    }
}
