package io.aquifer.benchmarks.pages;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// As [AddressRing], of objects.
final class ObjectRing<P> {
    private static final int STRIDE = 16;

    private static final int HEAD = 32;
    private static final int TAIL = 96;

    private final AtomicReferenceArray<@Nullable P> places;
    private final int mask;

    /// The two indexes belong to two threads, so they are cache lines apart too.
    private final int[] indexes = new int[128];

    /// @param size a power of two
    ObjectRing(int size) {
        places = new AtomicReferenceArray<>(size * STRIDE);
        mask = size - 1;
    }

    boolean offer(P page) {
        int place = (indexes[TAIL] & mask) * STRIDE;
        if (places.getAcquire(place) != null) {
            return false;
        }
        places.setRelease(place, page);
        indexes[TAIL]++;
        return true;
    }

    /// The oldest page, or null.
    @Nullable P poll() {
        int place = (indexes[HEAD] & mask) * STRIDE;
        @Nullable P page = places.getAcquire(place);
        if (page != null) {
            places.setRelease(place, null);
            indexes[HEAD]++;
        }
        return page;
    }
}
