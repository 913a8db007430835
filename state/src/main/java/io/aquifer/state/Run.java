package io.aquifer.state;

/// Sorted records in a spill file.
///
/// @param start where they begin in the file
/// @param bytes how much of the file is theirs
/// @param records how many there are
/// @param largest bytes of the largest record
record Run(long start, long bytes, long records, int largest) {}
