package io.aquifer.benchmarks.pages;

/// No pages at all: what the measuring, the random index and the ring cost in every figure.
public class NoPages extends AddressPatterns {
    @Override
    long acquire() {
        return 1;
    }

    @Override
    void release(long page) {}
}
