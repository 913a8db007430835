package io.aquifer.api.eventtime;

/// The newest time seen, less the delay that records may have, less one: a record of exactly that
/// time may still come.
final class BoundedOutOfOrderness<T> implements WatermarkGenerator<T> {
    private final long delayMillis;
    private long newest = Long.MIN_VALUE;

    BoundedOutOfOrderness(long delayMillis) {
        this.delayMillis = delayMillis;
    }

    @Override
    public void onEvent(T event, long eventTimestamp) {
        newest = Math.max(newest, eventTimestamp);
    }

    @Override
    public long currentWatermark() {
        long lowest = Long.MIN_VALUE + delayMillis + 1;
        return newest < lowest ? Long.MIN_VALUE : newest - delayMillis - 1;
    }
}
