package io.aquifer.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A seeded 64-bit hash of key bytes.
///
/// Eight bytes are mixed by two multiplications, one to one, so that different keys of eight bytes
/// never share a hash; longer keys take one multiplication per eight bytes. The hash is not kept
/// outside the process: it follows the native byte order. Whoever does not know the seed cannot
/// choose keys that collide by construction, but it is no cryptographic hash.
final class KeyHash {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ODD_A = 0xBF58476D1CE4E5B9L;
    private static final long ODD_B = 0x94D049BB133111EBL;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long GOLDEN_TWICE = 0x3C6EF372FE94F82AL;

    private final long before;
    private final long between;

    KeyHash(long seed) {
        before = finish(seed + GOLDEN);
        between = finish(seed + GOLDEN_TWICE);
    }

    /// The eight bytes at `offset` as they are laid out in memory.
    static long longAt(byte[] bytes, int offset) {
        return (long) LONGS.get(bytes, offset);
    }

    /// The hash of a key of eight bytes; the same as [#of] of its bytes.
    long ofLong(long key) {
        long x = key ^ before;
        x = (x ^ (x >>> 32)) * ODD_A + between;
        x = (x ^ (x >>> 29)) * ODD_B;
        return x ^ (x >>> 32);
    }

    long of(byte[] key, int offset, int length) {
        return length == Long.BYTES ? ofLong(longAt(key, offset)) : ofBytes(key, offset, length);
    }

    /// The hash of a key of an owner, such as a map's user key.
    long ofOwned(long owner, byte[] key, int offset, int length) {
        return finish(of(key, offset, length) + owner * GOLDEN);
    }

    private long ofBytes(byte[] key, int offset, int length) {
        long state = before + length * GOLDEN;
        int end = offset + length;
        int i = offset;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            state = step(state, longAt(key, i));
        }
        if (i < end) {
            long tail = 0;
            for (; i < end; i++) {
                tail = tail << Byte.SIZE | (key[i] & 0xFF);
            }
            state = step(state, tail);
        }
        return finish(state + between);
    }

    private long step(long state, long word) {
        long x = (state ^ word) * ODD_A;
        return Long.rotateLeft(x ^ (x >>> 32), 29) + between;
    }

    private static long finish(long value) {
        long x = (value ^ (value >>> 30)) * ODD_A;
        x = (x ^ (x >>> 27)) * ODD_B;
        return x ^ (x >>> 31);
    }
}
