package io.aquifer.benchmarks.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Who hands out pages, with the flags that its JVM needs and that serve it best.
enum Contender {
    AQUIFER("aquifer", AquiferPages.class, List.of()),
    AQUIFER_95("aquifer-95", AquiferNearLimit.class, List.of()),
    FLINK_NETWORK("flink-network", FlinkNetworkPages.class, Flags.UNSAFE),
    FLINK_MANAGED("flink-managed", FlinkManagedPages.class, Flags.UNSAFE),
    NETTY_POOLED("netty-pooled", NettyPooledPages.class, Flags.NETTY),
    NETTY_ADAPTIVE("netty-adaptive", NettyAdaptivePages.class, Flags.NETTY),
    ARROW_NETTY("arrow-netty", ArrowPages.class, Flags.arrow("Netty")),
    ARROW_UNSAFE("arrow-unsafe", ArrowPages.class, Flags.arrow("Unsafe")),
    NONE("none", NoPages.class, List.of());

    private final String label;
    private final Class<?> benchmark;
    private final List<String> flags;

    Contender(String label, Class<?> benchmark, List<String> flags) {
        this.label = label;
        this.benchmark = benchmark;
        List<String> all = new ArrayList<>(Flags.ALL);
        all.addAll(flags);
        this.flags = List.copyOf(all);
    }

    String label() {
        return label;
    }

    Class<?> benchmark() {
        return benchmark;
    }

    List<String> flags() {
        return flags;
    }

    static Contender named(String label) {
        return Stream.of(values())
                .filter(contender -> contender.label.equals(label))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no contender '"
                                                + label
                                                + "'; there are "
                                                + labels()));
    }

    static List<String> labels() {
        return Stream.of(values()).map(Contender::label).toList();
    }

    /// JVM flags.
    private static final class Flags {
        /// The same heap and collector for all. JMH itself needs `Unsafe`, so no fork denies it.
        static final List<String> ALL =
                List.of(
                        "-Xms1g",
                        "-Xmx1g",
                        "-XX:+UseParallelGC",
                        "-XX:MaxDirectMemorySize=2g",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow");

        static final List<String> UNSAFE = List.of("--add-opens=java.base/java.nio=ALL-UNNAMED");

        /// Netty at its best: `Unsafe`, no leak detector, its own kind of threads, a cache for
        /// each.
        static final List<String> NETTY =
                List.of(
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-Dio.netty.tryReflectionSetAccessible=true",
                        "-Dio.netty.noUnsafe=false",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-Dio.netty.allocator.useCacheForAllThreads=true",
                        "-Djmh.executor=CUSTOM",
                        "-Djmh.executor.class=" + NettyThreads.class.getName());

        private Flags() {}

        static List<String> arrow(String manager) {
            List<String> flags = new ArrayList<>(NETTY);
            flags.add("-Darrow.allocation.manager.type=" + manager);
            flags.add("-Darrow.memory.debug.allocator=false");
            flags.add("-Darrow.enable_unsafe_memory_access=true");
            return flags;
        }
    }
}
