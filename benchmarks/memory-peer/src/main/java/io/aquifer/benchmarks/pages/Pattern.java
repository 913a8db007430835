package io.aquifer.benchmarks.pages;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// What is done with pages.
enum Pattern {
    /// Taken and given back by the same thread at once.
    SAME_THREAD("same", "sameThread"),
    /// Taken by one thread, given back by another; threads come in pairs.
    HAND_OVER("hand-over", "handOver"),
    /// One of 128 pages held is replaced at random.
    LIVE_SET("live-set", "liveSet");

    static final int PAGE_BYTES = 32 << 10;
    static final int LIVE_PAGES = 128;
    static final int RING_PAGES = 64;

    /// More than any thread of any pattern holds at a time.
    static final int MOST_PAGES_PER_THREAD = 256;

    static final int MOST_THREADS = 8;

    /// Spins for a little while: the other thread may need this thread's processor.
    static void pause(int tries) {
        if (tries < 64) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private final String label;
    private final String method;

    Pattern(String label, String method) {
        this.label = label;
        this.method = method;
    }

    String label() {
        return label;
    }

    /// The benchmark's regular expression in `contender`'s class.
    String include(Class<?> contender) {
        return contender.getName().replace(".", "\\.") + "\\." + method + "$";
    }

    boolean canRunWith(int threads) {
        return this != HAND_OVER || threads % 2 == 0;
    }

    static Pattern named(String label) {
        return Stream.of(values())
                .filter(pattern -> pattern.label.equals(label.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no pattern '"
                                                + label
                                                + "'; there are "
                                                + labels()));
    }

    static List<String> labels() {
        return Stream.of(values()).map(Pattern::label).toList();
    }
}
