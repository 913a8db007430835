package io.aquifer.memory;

import java.util.Arrays;

/// What one owner has of one pool in a simulation, and what it had over time.
///
/// The bytes that the trace says it has are in three places: held, given back when asked (spilled
/// or dropped), and refused. A recorded release takes from all three in proportion.
///
/// **Invariant**: none of them is negative, and [#wantedBytes] is their sum.
final class SimulatedHolding {
    private final long[] reclaimable = new long[Rung.values().length];
    private final long[] givenBack = new long[Rung.values().length];

    /// What is being given back at the moment, by rung.
    private final long[] promised = new long[Rung.values().length];

    private long held;
    private long refused;
    private long peak;
    private long lastNanos;
    private double heldByteNanos;
    private double wantedByteNanos;

    /// Guaranteed to the owner.
    long guaranteedBytes;

    /// Whether the owner ever asked for memory of the pool.
    boolean asked;

    SimulatedHolding(long nowNanos) {
        lastNanos = nowNanos;
    }

    long heldBytes() {
        return held;
    }

    long peakBytes() {
        return peak;
    }

    long wantedBytes() {
        return held + refused + Arrays.stream(givenBack).sum();
    }

    /// What may be asked for now: what the trace says could be given back, less what was given or
    /// promised already.
    long reclaimableBytes() {
        long sum = 0;
        for (Rung rung : Rung.values()) {
            sum += reclaimableBytes(rung);
        }
        return Math.max(0, Math.min(sum, held - promisedBytes()));
    }

    /// The same for one rung.
    long reclaimableBytes(Rung rung) {
        int i = rung.ordinal();
        return Math.max(0, reclaimable[i] - givenBack[i] - promised[i]);
    }

    void setReclaimable(Rung rung, long bytes) {
        reclaimable[rung.ordinal()] = bytes;
    }

    void grant(long bytes, long now) {
        advance(now);
        held += bytes;
        peak = Math.max(peak, held);
    }

    void refuse(long bytes, long now) {
        advance(now);
        refused += bytes;
    }

    /// What is being given back.
    long promisedBytes() {
        return Math.min(held, Arrays.stream(promised).sum());
    }

    void promise(Rung rung, long bytes) {
        promised[rung.ordinal()] += bytes;
    }

    /// Keeps a promise, as far as the bytes are still held.
    ///
    /// @return what was given back
    long giveBack(Rung rung, long bytes, long now) {
        advance(now);
        promised[rung.ordinal()] -= bytes;
        long given = Math.min(bytes, held);
        held -= given;
        givenBack[rung.ordinal()] += given;
        return given;
    }

    void release(long bytes, long now) {
        advance(now);
        long left = wantedBytes();
        long part = Math.min(bytes, left);
        for (int i = 0; i < givenBack.length; i++) {
            long share = share(part, givenBack[i], left);
            left -= givenBack[i];
            part -= share;
            givenBack[i] -= share;
        }
        long share = share(part, refused, left);
        refused -= share;
        held -= part - share;
    }

    void releaseAll(long now) {
        advance(now);
        held = 0;
        refused = 0;
        Arrays.fill(givenBack, 0);
        Arrays.fill(reclaimable, 0);
        guaranteedBytes = 0;
    }

    double heldByteNanos() {
        return heldByteNanos;
    }

    double wantedByteNanos() {
        return wantedByteNanos;
    }

    /// Counts what was held up to now.
    void advance(long now) {
        double nanos = now - lastNanos;
        heldByteNanos += nanos * held;
        wantedByteNanos += nanos * wantedBytes();
        lastNanos = now;
    }

    /// `part * of / all`, rounded, at most `of` and at least what the rest cannot hold.
    private static long share(long part, long of, long all) {
        if (all == 0) {
            return 0;
        }
        long share = Math.round((double) part * of / all);
        return Math.max(Math.max(0, part - (all - of)), Math.min(share, Math.min(of, part)));
    }
}
