package io.aquifer.state.run;

/// What the runs of a table are, and what was read of them since the table was made.
///
/// @param runs how many there are
/// @param entries of all of them, those that newer ones supersede included
/// @param bytes of their files
/// @param filterBytes of their filters, in pages
/// @param heldBytes of fences and filters, in pages
/// @param finds keys looked up
/// @param blocksRead by lookups
/// @param bytesRead by lookups
/// @param filterNegatives runs passed over because of their filter
/// @param filterPositives runs read although they have a filter
/// @param filterFalsePositives of those, the ones that had nothing
public record RunsStatistics(
        int runs,
        long entries,
        long bytes,
        long filterBytes,
        long heldBytes,
        long finds,
        long blocksRead,
        long bytesRead,
        long filterNegatives,
        long filterPositives,
        long filterFalsePositives) {
    /// Blocks read for a key looked up; 0 before the first.
    public double readAmplification() {
        return finds == 0 ? 0 : (double) blocksRead / finds;
    }
}
