package io.aquifer.memory;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/// Where a lease was taken, for reports of leaks: nowhere, for most.
///
/// `-Daquifer.memory.leak-trace` is `full` (every lease), `sampled` (the default: one in 128, by
/// chance, so that a leak that repeats is found in production) or `off`. The layers are Netty's:
/// exact presence always, where it happened by sample.
record LeaseSite(String text) {
    private static final LeaseSite UNKNOWN = new LeaseSite("");
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final String PACKAGE = LeaseSite.class.getPackageName() + ".";
    private static final int FRAMES = 24;
    private static final int SAMPLE_ONE_IN = 128;

    static LeaseSite here() {
        return switch (System.getProperty("aquifer.memory.leak-trace", "sampled")) {
            case "full" -> walk();
            case "off" -> UNKNOWN;
            default -> ThreadLocalRandom.current().nextInt(SAMPLE_ONE_IN) == 0 ? walk() : UNKNOWN;
        };
    }

    private static LeaseSite walk() {
        return new LeaseSite(
                WALKER.walk(
                        frames ->
                                frames.dropWhile(LeaseSite::isOfTheLedger)
                                        .limit(FRAMES)
                                        .map(frame -> "    at " + frame)
                                        .collect(Collectors.joining("\n"))));
    }

    private static boolean isOfTheLedger(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.equals(LeaseSite.class.getName())
                || type.equals(Lease.class.getName())
                || type.equals(PageLease.class.getName())
                || type.equals(ByteLease.class.getName())
                || type.startsWith(PACKAGE + "MemoryScope");
    }
}
