/// The benchmarks' workloads on Apache Flink, each in its best configuration.
@NullMarked
package io.aquifer.benchmarks.flink;

import org.jspecify.annotations.NullMarked;
