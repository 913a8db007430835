package io.aquifer.memory;

/// An owner to take memory from, and the most to take at this place of the order.
///
/// @param claimant whom to ask
/// @param bytes above 0, and not more than it said it could give back
public record Victim(Claimant claimant, long bytes) {}
