/// The benchmarks' workloads on Aquifer.
@NullMarked
package io.aquifer.benchmarks.aquifer;

import org.jspecify.annotations.NullMarked;
