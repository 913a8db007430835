package io.aquifer.benchmarks.pages;

import java.util.concurrent.atomic.AtomicLongArray;

/// A ring of addresses from one thread to one other; 0 stands for an empty place.
///
/// **Threads.** One offers, one polls. A place itself says whether it is free, so the two share no
/// counter.
final class AddressRing {
    /// Places are a cache line apart: neighbours in the ring are at work at the same time.
    private static final int STRIDE = 8;

    private static final int HEAD = 32;
    private static final int TAIL = 96;

    private final AtomicLongArray places;
    private final int mask;

    /// The two indexes belong to two threads, so they are cache lines apart too.
    private final int[] indexes = new int[128];

    /// @param size a power of two
    AddressRing(int size) {
        places = new AtomicLongArray(size * STRIDE);
        mask = size - 1;
    }

    boolean offer(long address) {
        int place = (indexes[TAIL] & mask) * STRIDE;
        if (places.getAcquire(place) != 0) {
            return false;
        }
        places.setRelease(place, address);
        indexes[TAIL]++;
        return true;
    }

    /// The oldest address, or 0.
    long poll() {
        int place = (indexes[HEAD] & mask) * STRIDE;
        long address = places.getAcquire(place);
        if (address != 0) {
            places.setRelease(place, 0);
            indexes[HEAD]++;
        }
        return address;
    }
}
