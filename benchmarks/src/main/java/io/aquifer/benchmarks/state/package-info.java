/// The state store against objects on the heap, and its snapshots.
package io.aquifer.benchmarks.state;
