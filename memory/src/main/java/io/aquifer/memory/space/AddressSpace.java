package io.aquifer.memory.space;

import java.lang.foreign.MemorySegment;

/// How this process addresses page memory: decided once, so that the choice folds away in compiled
/// code.
///
/// *Mapped*: addresses are real and [#ALL] covers them. *Portable*: addresses are `chunk number <<
/// 22 | offset` and [ChunkTable] finds the memory. The mapped mode needs native access for this
/// module, Linux, and a kernel that maps; `-Daquifer.memory.mode=portable` declines it.
public final class AddressSpace {
    /// Whether addresses are real.
    public static final boolean MAPPED = chooseMapped();

    /// Every address of the process in the mapped mode, empty in the portable mode.
    public static final MemorySegment ALL = MAPPED ? LinuxMemory.everything() : MemorySegment.NULL;

    private AddressSpace() {}

    /// Whether `length` bytes from `address` lie in memory that a [PageSpace] handed out, inside
    /// one page.
    public static boolean isInsidePage(long address, long length) {
        long offset = address & (PageSpace.PAGE_BYTES - 1);
        if (length < 0 || offset + length > PageSpace.PAGE_BYTES) {
            return false;
        }
        return MAPPED ? MappedSpace.covers(address, length) : ChunkTable.covers(address);
    }

    private static boolean chooseMapped() {
        if ("portable".equals(System.getProperty("aquifer.memory.mode"))
                || !AddressSpace.class.getModule().isNativeAccessEnabled()
                || !"Linux".equals(System.getProperty("os.name"))) {
            return false;
        }
        return LinuxMemory.works();
    }
}
