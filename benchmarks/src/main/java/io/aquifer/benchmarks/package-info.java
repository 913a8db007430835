/// End-to-end benchmarks: one workload, several engines, each in a JVM of its own, in turn.
@NullMarked
package io.aquifer.benchmarks;

import org.jspecify.annotations.NullMarked;
