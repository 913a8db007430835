package io.aquifer.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Where keys go: a 64-bit number whose top bits are the key group and whose other bits are a
/// seeded hash of the key's bytes.
///
/// ```
///  63          64-k 63-k                              0
/// +----------------+-----------------------------------+
/// | key group, k   | hash of the bytes >>> k           |
/// +----------------+-----------------------------------+
/// ```
///
/// All that a table does with keys goes by this number: its parts are ranges of it, runs on disk
/// are ordered by it, and so a range of key groups is a range of everything. Tables of one operator
/// share a routing, so that a key is hashed once for all of them.
///
/// Eight bytes are mixed by two multiplications, one to one, so that different keys of eight bytes
/// share no hash; longer keys take one multiplication per eight bytes. Whoever does not know the
/// seed cannot choose keys that collide by construction, but it is no cryptographic hash. Seed and
/// bits are kept with what is written to disk: bytes are read as little endian everywhere.
/// **Threads.** Any; immutable.
public final class KeyRouting {
    /// The most bits that a key group may take: what 32,768 groups need.
    public static final int KEY_GROUP_BITS_MAX = 15;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ODD_A = 0xBF58476D1CE4E5B9L;
    private static final long ODD_B = 0x94D049BB133111EBL;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long GOLDEN_TWICE = 0x3C6EF372FE94F82AL;

    private final long seed;
    private final int keyGroupBits;
    private final long before;
    private final long between;

    /// What of a hash counts; tests let few bits count, so that keys collide.
    private final long hashMask;

    private KeyRouting(long seed, int keyGroupBits, long hashMask) {
        if (keyGroupBits < 0 || keyGroupBits > KEY_GROUP_BITS_MAX) {
            throw new IllegalArgumentException(
                    "key groups take 0 to "
                            + KEY_GROUP_BITS_MAX
                            + " bits of a routing, not "
                            + keyGroupBits);
        }
        this.seed = seed;
        this.keyGroupBits = keyGroupBits;
        this.hashMask = hashMask;
        before = finish(seed + GOLDEN);
        between = finish(seed + GOLDEN_TWICE);
    }

    /// @param seed makes the order and the collisions of keys unpredictable
    /// @param maxParallelism the number of key groups, 1 to 32,768
    public static KeyRouting of(long seed, int maxParallelism) {
        return new KeyRouting(seed, 32 - Integer.numberOfLeadingZeros(maxParallelism - 1), -1L);
    }

    /// One that has no key groups: what has a key group is refused.
    public static KeyRouting ungrouped(long seed) {
        return new KeyRouting(seed, 0, -1L);
    }

    /// One whose hashes differ in the given bits only.
    static KeyRouting colliding(long seed, int keyGroupBits, long hashMask) {
        return new KeyRouting(seed, keyGroupBits, hashMask);
    }

    public long seed() {
        return seed;
    }

    public int keyGroupBits() {
        return keyGroupBits;
    }

    /// The key group of a routing.
    public int keyGroup(long routing) {
        return keyGroupBits == 0 ? 0 : (int) (routing >>> (64 - keyGroupBits));
    }

    /// The routing of a key.
    public long of(int keyGroup, byte[] key, int offset, int length) {
        return join(keyGroup, hash(key, offset, length));
    }

    /// The routing of what belongs to a key and has a name of its own, such as an entry of a map:
    /// in the key's group, and else anywhere.
    ///
    /// @param keyRouting that of the key
    long ofPart(long keyRouting, byte[] name, int offset, int length) {
        long own = finish((keyRouting ^ hash(name, offset, length)) * GOLDEN + between);
        return join(keyGroup(keyRouting), own & hashMask);
    }

    private long join(int keyGroup, long hash) {
        return keyGroupBits == 0
                ? hash
                : (long) keyGroup << (64 - keyGroupBits) | hash >>> keyGroupBits;
    }

    private long hash(byte[] key, int offset, int length) {
        return hashMask
                & (length == Long.BYTES
                        ? ofLong(longAt(key, offset))
                        : ofBytes(key, offset, length));
    }

    static long longAt(byte[] bytes, int offset) {
        return (long) LONGS.get(bytes, offset);
    }

    private long ofLong(long key) {
        long x = key ^ before;
        x = (x ^ (x >>> 32)) * ODD_A + between;
        x = (x ^ (x >>> 29)) * ODD_B;
        return x ^ (x >>> 32);
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
