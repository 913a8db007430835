package io.aquifer.state.run;

/// What lookups of several threads did, added up by one of them.
record LookupCounts(
        long finds,
        long blocksRead,
        long bytesRead,
        long filterNegatives,
        long filterPositives,
        long filterFalsePositives) {
    static final LookupCounts NONE = new LookupCounts(0, 0, 0, 0, 0, 0);

    LookupCounts with(Lookup lookup) {
        return new LookupCounts(
                finds + lookup.finds,
                blocksRead + lookup.buffer.blocksRead(),
                bytesRead + lookup.buffer.bytesRead(),
                filterNegatives + lookup.filterNegatives,
                filterPositives + lookup.filterPositives,
                filterFalsePositives + lookup.filterFalsePositives);
    }

    LookupCounts with(LookupCounts other) {
        return new LookupCounts(
                finds + other.finds,
                blocksRead + other.blocksRead,
                bytesRead + other.bytesRead,
                filterNegatives + other.filterNegatives,
                filterPositives + other.filterPositives,
                filterFalsePositives + other.filterFalsePositives);
    }
}
