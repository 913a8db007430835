package io.aquifer.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A seeded 64-bit hash of a time and a key's bytes, eight bytes a step. A step is one to one in
/// the word it takes, so that timers that differ in one word alone never share a hash. Not kept
/// outside the process: it follows the native byte order.
final class TimerHash {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ODD_A = 0xBF58476D1CE4E5B9L;
    private static final long ODD_B = 0x94D049BB133111EBL;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;

    TimerHash(long seed) {
        this.seed = finish(seed + GOLDEN);
    }

    long of(long time, byte[] key, int offset, int length) {
        long state = step(seed ^ length * GOLDEN, time);
        int end = offset + length;
        int i = offset;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            state = step(state, (long) LONGS.get(key, i));
        }
        if (i < end) {
            long tail = 0;
            for (; i < end; i++) {
                tail = tail << Byte.SIZE | (key[i] & 0xFF);
            }
            state = step(state, tail);
        }
        return finish(state);
    }

    private long step(long state, long word) {
        long x = (state ^ word) * ODD_A;
        return Long.rotateLeft(x ^ (x >>> 32), 29) + seed;
    }

    private static long finish(long value) {
        long x = (value ^ (value >>> 30)) * ODD_A;
        x = (x ^ (x >>> 27)) * ODD_B;
        return x ^ (x >>> 31);
    }
}
