package io.aquifer.memory;

/// An owner that holds or wants memory of one pool, as an [AllocationPolicy] sees it.
///
/// @param id identifies the owner, above 0; younger owners have larger ones
/// @param owner its name, such as `flights / windows (1/2)`
/// @param priority of its job; a larger number is more important, 0 is usual
/// @param heldBytes what it holds of the pool
/// @param guaranteedBytes what it may always hold of the pool
/// @param reclaimableBytes what it could give back when asked
/// @param waiting whether it waits for memory of this pool
public record Claimant(
        int id,
        String owner,
        int priority,
        long heldBytes,
        long guaranteedBytes,
        long reclaimableBytes,
        boolean waiting) {}
