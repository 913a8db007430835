package io.aquifer.memory.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.aquifer.memory.space.AddressSpace;
import io.aquifer.memory.space.ChunkTable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Reads and writes page memory by address, without checks in production.
///
/// An address is the start of a page from `PageLease.allocatePage` plus an offset in that page; no
/// access may cross the end of the page, since the next page may be anybody's. Callers validate
/// their offsets once per operation. With assertions enabled (`-ea`, as in every test) an access
/// outside page memory or across a page end fails with an explanation; it is not noticed whether
/// the page is still held.
///
/// Numbers are in native byte order and need no alignment, except for the acquire and release
/// accesses, which need 8 bytes. In the mapped mode each call compiles to a plain load or store; in
/// the portable mode it looks up a chunk first.
///
/// **Threads.** Plain accesses: whoever publishes the address orders them. [#getLongAcquire] and
/// [#putLongRelease] order what stands around them.
public final class PageAccess {
    private static final boolean MAPPED = AddressSpace.MAPPED;
    private static final MemorySegment ALL = AddressSpace.ALL;
    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private PageAccess() {}

    public static byte getByte(long address) {
        assert inside(address, 1);
        return segment(address).get(JAVA_BYTE, offset(address));
    }

    public static void putByte(long address, byte value) {
        assert inside(address, 1);
        segment(address).set(JAVA_BYTE, offset(address), value);
    }

    public static int getInt(long address) {
        assert inside(address, Integer.BYTES);
        return segment(address).get(JAVA_INT_UNALIGNED, offset(address));
    }

    public static void putInt(long address, int value) {
        assert inside(address, Integer.BYTES);
        segment(address).set(JAVA_INT_UNALIGNED, offset(address), value);
    }

    public static long getLong(long address) {
        assert inside(address, Long.BYTES);
        return segment(address).get(JAVA_LONG_UNALIGNED, offset(address));
    }

    public static void putLong(long address, long value) {
        assert inside(address, Long.BYTES);
        segment(address).set(JAVA_LONG_UNALIGNED, offset(address), value);
    }

    /// Reads a long; later reads see what was written before the [#putLongRelease] it reads from.
    public static long getLongAcquire(long address) {
        assert inside(address, Long.BYTES);
        return (long) LONG.getAcquire(segment(address), offset(address));
    }

    public static void putLongRelease(long address, long value) {
        assert inside(address, Long.BYTES);
        LONG.setRelease(segment(address), offset(address), value);
    }

    /// Copies `length` bytes out of a page. Eight bytes, a number, go by a plain load and store.
    public static void copy(long from, byte[] to, int offset, int length) {
        assert inside(from, length);
        if (length == Long.BYTES) {
            LONGS.set(to, offset, getLong(from));
        } else if (length != 0) {
            MemorySegment.copy(segment(from), JAVA_BYTE, offset(from), to, offset, length);
        }
    }

    /// Copies `length` bytes into a page.
    public static void copy(byte[] from, int offset, long to, int length) {
        assert inside(to, length);
        if (length == Long.BYTES) {
            putLong(to, (long) LONGS.get(from, offset));
        } else if (length != 0) {
            MemorySegment.copy(from, offset, segment(to), JAVA_BYTE, offset(to), length);
        }
    }

    /// Copies `length` bytes from page to page; the ranges may overlap.
    public static void copy(long from, long to, long length) {
        assert inside(from, length);
        assert inside(to, length);
        if (length != 0) {
            MemorySegment.copy(segment(from), offset(from), segment(to), offset(to), length);
        }
    }

    /// Whether the bytes at `address` equal `bytes[offset .. offset + length)`.
    public static boolean equals(long address, byte[] bytes, int offset, int length) {
        assert inside(address, length);
        if (length == 0) {
            return true;
        }
        MemorySegment segment = segment(address);
        long start = offset(address);
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (segment.get(JAVA_LONG_UNALIGNED, start + i)
                    != (long) LONGS.get(bytes, offset + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (segment.get(JAVA_BYTE, start + i) != bytes[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /// Sets `length` bytes to `value`.
    public static void fill(long address, long length, byte value) {
        assert inside(address, length);
        if (length != 0) {
            segment(address).asSlice(offset(address), length).fill(value);
        }
    }

    private static MemorySegment segment(long address) {
        return MAPPED ? ALL : ChunkTable.chunkOf(address);
    }

    private static long offset(long address) {
        return MAPPED ? address : ChunkTable.offsetOf(address);
    }

    /// No bytes are inside anywhere: an empty value may end where its page, and the memory, ends.
    private static boolean inside(long address, long length) {
        if (length != 0 && !AddressSpace.isInsidePage(address, length)) {
            throw new AssertionError(
                    "access to "
                            + length
                            + " bytes at 0x"
                            + Long.toHexString(address)
                            + " is outside page memory or crosses the end of its page; look for an"
                            + " offset that was not checked");
        }
        return true;
    }
}
