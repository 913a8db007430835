package io.aquifer.engine;

/// One operator, added up over its subtasks.
///
/// @param name as declared or set by `name(...)`
/// @param location its line in the user's source, `Flights.java:42`
/// @param recordsIn records taken from before it; 0 for a source
/// @param recordsOut records emitted to the main output
/// @param busy share of the last second, or of the whole run when it has ended, that its subtasks'
///   threads spent neither waiting for input nor for memory downstream; from 0 to 1, the busiest
///   subtask's; operators chained in one thread share it
/// @param stateBytes managed memory held by its state
public record OperatorProgress(
        String name,
        String location,
        int parallelism,
        long recordsIn,
        long recordsOut,
        double busy,
        long stateBytes) {}
