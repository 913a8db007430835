package io.aquifer.state;

/// The sizes that blocks come in: every multiple of 8 from 16 to 512 bytes, then eight steps per
/// doubling up to [#LARGEST], so that at most an eighth of a block is lost to rounding.
///
/// The class of a block follows from the length of what lies in it, so no block stores its size.
final class SizeClasses {
    static final int SMALLEST = 16;
    static final int LARGEST = 8192;

    private static final int FINE_MAX = 512;
    private static final int FINE_COUNT = (FINE_MAX - SMALLEST) / 8 + 1;
    private static final int STEPS = 8;
    static final int COUNT = FINE_COUNT + 4 * STEPS;

    private SizeClasses() {}

    /// The smallest class whose blocks hold `bytes`, which is at most [#LARGEST].
    static int holding(int bytes) {
        if (bytes <= FINE_MAX) {
            return bytes <= SMALLEST ? 0 : (bytes - SMALLEST + 7) >>> 3;
        }
        int doubling = 31 - Integer.numberOfLeadingZeros(bytes - 1) - 9;
        int step = ((bytes - 1) >>> (doubling + 6)) & (STEPS - 1);
        return FINE_COUNT + doubling * STEPS + step;
    }

    /// The size of the blocks of a class in bytes, a multiple of 8.
    static int bytes(int sizeClass) {
        if (sizeClass < FINE_COUNT) {
            return SMALLEST + (sizeClass << 3);
        }
        int coarse = sizeClass - FINE_COUNT;
        int doubling = coarse / STEPS;
        int step = coarse % STEPS;
        return (FINE_MAX << doubling) + (step + 1) * (FINE_MAX / STEPS << doubling);
    }

    /// The largest class that fits into `room` bytes and leaves nothing or at least [#SMALLEST].
    ///
    /// @param room a multiple of 8, at least [#SMALLEST]
    static int fitting(int room) {
        int capped = Math.min(room, LARGEST);
        int sizeClass = holding(capped);
        while (bytes(sizeClass) > room || room - bytes(sizeClass) == 8) {
            sizeClass--;
        }
        return sizeClass;
    }
}
