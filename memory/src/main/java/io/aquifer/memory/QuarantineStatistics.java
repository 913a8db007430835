package io.aquifer.memory;

import java.util.List;

/// Memory of a scope that ended while threads were still inside it.
///
/// @param owner whose it was
/// @param bytes still charged for it
/// @param threads the names of those who have not left; empty if an IO operation under way keeps
///   it, or it rests a moment since its views ended
public record QuarantineStatistics(String owner, long bytes, List<String> threads) {
    public QuarantineStatistics {
        threads = List.copyOf(threads);
    }
}
