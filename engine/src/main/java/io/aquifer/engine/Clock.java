package io.aquifer.engine;

/// Processing time in milliseconds since the epoch, from outside, so that tests need not wait for
/// it.
@FunctionalInterface
interface Clock {
    Clock SYSTEM = System::currentTimeMillis;

    long millis();
}
