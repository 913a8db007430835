package io.aquifer.memory.space;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// How this process addresses page memory: decided once, so that the choice folds away in compiled
/// code.
///
/// *Mapped*: addresses are real and [#ALL] covers them. *Portable*: addresses are `chunk number <<
/// 19 | offset` and [ChunkTable] finds the memory. The mapped mode needs native access for this
/// module, Linux, a page size of the kernel that divides ours, and a kernel that maps;
/// `-Daquifer.memory.mode=portable` declines it. [#reason] says what decided.
public final class AddressSpace {
    private static final boolean LINUX = "Linux".equals(System.getProperty("os.name"));
    private static final KernelFacts KERNEL =
            LINUX ? KernelFacts.read(Path.of("/")) : KernelFacts.none();

    /// Why not the mapped mode; empty if it is.
    private static final String DECLINED = declined();

    /// Whether addresses are real.
    public static final boolean MAPPED = DECLINED.isEmpty();

    /// Every address of the process in the mapped mode, empty in the portable mode.
    public static final MemorySegment ALL = MAPPED ? LinuxMemory.everything() : MemorySegment.NULL;

    /// Whether released pages are to be made inaccessible ([PageSpace#guard]):
    /// `-Daquifer.memory.guard=true`, in the mapped mode.
    public static final boolean GUARDED = MAPPED && Boolean.getBoolean("aquifer.memory.guard");

    /// Whether released pages are to be poisoned ([PageSpace#poison]):
    /// `-Daquifer.memory.poison=true`.
    public static final boolean POISONED = Boolean.getBoolean("aquifer.memory.poison");

    private AddressSpace() {}

    /// What the kernel allows.
    public static KernelFacts kernel() {
        return KERNEL;
    }

    /// Why the pages of this process are mapped or portable, in half a sentence.
    public static String reason() {
        return MAPPED ? "native access is granted and the kernel maps" : DECLINED;
    }

    /// Mode, reason, kernel and switches in one line, for the log.
    public static String text() {
        String guard =
                GUARDED
                        ? "; guard on"
                        : Boolean.getBoolean("aquifer.memory.guard")
                                ? "; guard off, since it needs the mapped mode"
                                : "";
        return (MAPPED ? "mapped pages, since " : "portable pages, since ")
                + reason()
                + guard
                + (POISONED ? "; poison on" : "")
                + "; kernel: "
                + KERNEL.text();
    }

    /// Whether `length` bytes from `address` lie in memory that a [PageSpace] handed out, inside
    /// one page.
    public static boolean isInsidePage(long address, long length) {
        long offset = address & (PageSpace.PAGE_BYTES - 1);
        if (length < 0 || length > PageSpace.PAGE_BYTES - offset) {
            return false;
        }
        return MAPPED ? MappedSpace.covers(address, length) : ChunkTable.covers(address, length);
    }

    /// The page that starts at `address`, for the space's own use.
    static MemorySegment page(long address) {
        return MAPPED
                ? ALL.asSlice(address, PageSpace.PAGE_BYTES)
                : ChunkTable.chunkOf(address)
                        .asSlice(ChunkTable.offsetOf(address), PageSpace.PAGE_BYTES);
    }

    /// `bytes` bytes of page memory that end with `arena` or, in the portable mode, with their
    /// chunk.
    static MemorySegment view(long address, long bytes, Arena arena) {
        return MAPPED
                ? LinuxMemory.view(address, bytes, arena)
                : ChunkTable.chunkOf(address).asSlice(ChunkTable.offsetOf(address), bytes);
    }

    private static String declined() {
        String declined =
                declined(
                        System.getProperty("aquifer.memory.mode", ""),
                        AddressSpace.class.getModule(),
                        System.getProperty("os.name", "unknown"),
                        KERNEL);
        if (!declined.isEmpty()) {
            return declined;
        }
        try {
            return LinuxMemory.refusal();
        } catch (LinkageError | RuntimeException unavailable) {
            return "mmap cannot be called: " + unavailable;
        }
    }

    /// What speaks against the mapped mode before the kernel is asked; empty if nothing.
    static String declined(String mode, Module module, String system, KernelFacts kernel) {
        if (mode.equals("portable")) {
            return "aquifer.memory.mode is portable";
        }
        if (!system.equals("Linux")) {
            return "the mapped mode needs Linux and this is " + system;
        }
        if (!module.isNativeAccessEnabled()) {
            return "native access is not granted: start java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        }
        if (!kernel.dividesPages()) {
            return "the kernel's page of "
                    + kernel.pageBytes() / 1024
                    + " KiB is not a divisor of a page of "
                    + PageSpace.PAGE_BYTES / 1024
                    + " KiB";
        }
        return "";
    }
}
