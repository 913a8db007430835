/// Measurements of the memory kernel and of the engine's memory, each with one purpose.
@NullMarked
package io.aquifer.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
