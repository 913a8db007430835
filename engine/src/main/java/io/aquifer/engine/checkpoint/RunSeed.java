package io.aquifer.engine.checkpoint;

/// The seed of the routings of a run's keys: the same for all that goes on from one another, and
/// nobody who chooses keys can know it before.
public final class RunSeed {
    private static final long ODD = 0x9E37_79B9_7F4A_7C15L;

    private RunSeed() {}

    public static long of(String runId) {
        long seed = runId.length();
        for (int i = 0; i < runId.length(); i++) {
            seed = (seed ^ runId.charAt(i)) * ODD;
            seed ^= seed >>> 29;
        }
        return seed;
    }
}
