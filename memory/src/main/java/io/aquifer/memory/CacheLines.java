package io.aquifer.memory;

/// Keeps the fields of its subclasses off the cache lines of what lies before them in the heap: 128
/// bytes, since processors fetch lines in pairs. What is written often by one thread and what
/// another reads often must not be neighbours.
abstract class CacheLines {
    @SuppressWarnings("unused") // they take up room
    private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15, p16;
}
