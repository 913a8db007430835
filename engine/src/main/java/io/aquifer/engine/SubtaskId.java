package io.aquifer.engine;

/// One of the parallel parts of a chain of operators.
///
/// @param chain the chain's name, `flights.csv -> clean`
/// @param index from 0
record SubtaskId(String chain, int index, int parallelism) {
    /// `windows (1/2)`, as owners and threads are named.
    @Override
    public String toString() {
        return chain + " (" + (index + 1) + "/" + parallelism + ")";
    }
}
