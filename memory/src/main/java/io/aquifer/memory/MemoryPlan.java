package io.aquifer.memory;

/// The shares a budget starts with, in bytes; the ledger may move them later, their sum never.
///
/// **Invariant**: `managed + managedHeap + operation + network + reserve == total`. Managed,
/// network and reserve are off-heap; managed heap and operation memory lie inside the Java heap or
/// belong to the virtual machine, so they never lend to the off-heap pools.
///
/// Immutable; any thread.
///
/// @param totalBytes the whole budget
/// @param managedBytes off-heap pages for state
/// @param managedHeapBytes the share of managed memory inside the Java heap, for heap state
/// @param operationBytes what the engine and the virtual machine need to run at all
/// @param networkBytes off-heap pages for data between operators
/// @param networkMinBytes what the network pool keeps when managed memory borrows from it
/// @param reserveBytes owned by nobody yet; off-heap pools grow into it
public record MemoryPlan(
        long totalBytes,
        long managedBytes,
        long managedHeapBytes,
        long operationBytes,
        long networkBytes,
        long networkMinBytes,
        long reserveBytes) {

    public MemoryPlan {
        if (totalBytes <= 0
                || managedBytes < 0
                || managedHeapBytes < 0
                || operationBytes < 0
                || networkBytes < 0
                || networkMinBytes < 0
                || reserveBytes < 0) {
            throw MemoryConfigurationException.negativeShare(
                    shares(
                            managedBytes,
                            managedHeapBytes,
                            operationBytes,
                            networkBytes,
                            reserveBytes),
                    totalBytes);
        }
        long sum;
        try {
            sum = Math.addExact(managedBytes, managedHeapBytes);
            sum = Math.addExact(sum, operationBytes);
            sum = Math.addExact(sum, networkBytes);
            sum = Math.addExact(sum, reserveBytes);
        } catch (ArithmeticException overflow) {
            sum = Long.MAX_VALUE;
        }
        if (sum != totalBytes) {
            throw MemoryConfigurationException.sharesDoNotAddUp(
                    shares(
                            managedBytes,
                            managedHeapBytes,
                            operationBytes,
                            networkBytes,
                            reserveBytes),
                    sum,
                    totalBytes);
        }
        if (networkMinBytes > networkBytes) {
            throw MemoryConfigurationException.networkMinimumAboveLimit(
                    networkMinBytes, networkBytes);
        }
    }

    /// What pages can ever take: the off-heap pools and the reserve they grow into.
    long offHeapBytes() {
        return managedBytes + networkBytes + reserveBytes;
    }

    private static String shares(
            long managed, long managedHeap, long operation, long network, long reserve) {
        return "managed "
                + managed
                + " + managed heap "
                + managedHeap
                + " + operation "
                + operation
                + " + network "
                + network
                + " + reserve "
                + reserve;
    }
}
