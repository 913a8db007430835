package io.aquifer.benchmarks;

import java.util.List;

/// What Apache Flink 2.3 needs to run on JDK 25.
public final class FlinkFlags {
    public static final List<String> ON_25 =
            List.of(
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "--enable-native-access=ALL-UNNAMED");

    private FlinkFlags() {}
}
