package io.aquifer.api.connector;

/// A part of a source that one reader reads from front to back, and can read again from any
/// position it reported.
///
/// @param id what identifies the split in messages and checkpoints, a file's path for a file source
/// @param start the first position, in the source's own unit (bytes, rows); inclusive
/// @param end the position after the last, [Long#MAX_VALUE] when only the end of the data tells
public record SourceSplit(String id, long start, long end) {
    public SourceSplit {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException(
                    "split '" + id + "': start " + start + " and end " + end + " are no range");
        }
    }
}
