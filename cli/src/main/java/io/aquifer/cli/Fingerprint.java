package io.aquifer.cli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// 128 bits that stand for a sequence of byte strings: two sequences with the same fingerprint are
/// taken to be equal. Two lanes of multiplications and rotations over eight bytes at a time; good
/// against accidents, not against somebody who looks for collisions. **Threads.** One at a time.
final class Fingerprint {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long FIRST_ODD = 0xBF58476D1CE4E5B9L;
    private static final long SECOND_ODD = 0x94D049BB133111EBL;
    private static final long FIRST_SEED = 0x9E3779B97F4A7C15L;
    private static final long SECOND_SEED = 0xD1342543DE82EF95L;

    private long first;
    private long second;

    /// Begins a sequence.
    Fingerprint reset() {
        first = FIRST_SEED;
        second = SECOND_SEED;
        return this;
    }

    Fingerprint add(long word) {
        first = Long.rotateLeft((first ^ word) * FIRST_ODD, 31) + second;
        second = Long.rotateLeft((second ^ word) * SECOND_ODD, 27) ^ first;
        return this;
    }

    /// Adds a string; its length is a part of it.
    Fingerprint add(byte[] bytes, int offset, int length) {
        add(length);
        int end = offset + length;
        int i = offset;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            add((long) LONG.get(bytes, i));
        }
        if (i < end) {
            long tail = 0;
            for (; i < end; i++) {
                tail = tail << Byte.SIZE | (bytes[i] & 0xFF);
            }
            add(tail);
        }
        return this;
    }

    /// One half, of a sequence that is complete.
    long first() {
        return mix(first + SECOND_ODD * second);
    }

    /// The other half.
    long second() {
        return mix(second ^ FIRST_ODD * first);
    }

    private static long mix(long value) {
        long x = (value ^ (value >>> 30)) * FIRST_ODD;
        x = (x ^ (x >>> 27)) * SECOND_ODD;
        return x ^ (x >>> 31);
    }
}
