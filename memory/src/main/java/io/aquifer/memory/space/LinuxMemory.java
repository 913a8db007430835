package io.aquifer.memory.space;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The kernel's `mmap`, `munmap` and `madvise`, for anonymous private memory.
///
/// Loaded only where native access is granted. The constants are those of Linux on every
/// architecture that JDK 25 runs on.
@SuppressWarnings("restricted") // AddressSpace asks for native access before it loads this class
final class LinuxMemory {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final long MAP_FAILED = -1;
    private static final long PROBE_BYTES = 64 * 1024;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle MMAP =
            function(
                    "mmap",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle MUNMAP =
            function(
                    "munmap",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle MADVISE =
            function(
                    "madvise",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));

    private LinuxMemory() {}

    /// One segment over all addresses, without bounds worth the name: whoever uses it checks first.
    static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /// Whether this kernel maps, takes back and unmaps as expected.
    static boolean works() {
        try {
            long address = map(PROBE_BYTES);
            decommit(address, PROBE_BYTES);
            unmap(address, PROBE_BYTES);
            return true;
        } catch (AddressSpaceException | RuntimeException | LinkageError refused) {
            return false;
        }
    }

    /// Reserves addresses of zeros that take memory when touched.
    static long map(long bytes) throws AddressSpaceException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            long address =
                    (long)
                            MMAP.invokeExact(
                                    state,
                                    0L,
                                    bytes,
                                    PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                    -1,
                                    0L);
            if (address == MAP_FAILED) {
                throw new AddressSpaceException(
                        "mmap failed with errno " + (int) ERRNO.get(state, 0L));
            }
            return address;
        } catch (AddressSpaceException | RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    static void unmap(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            int result = (int) MUNMAP.invokeExact(state, address, bytes);
            check("munmap", result == 0 ? 0 : (int) ERRNO.get(state, 0L), address, bytes);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    /// Gives the memory of a range back; the next read sees zeros.
    static void decommit(long address, long bytes) {
        check("madvise(DONTNEED)", advise(address, bytes, MADV_DONTNEED), address, bytes);
    }

    /// Asks for huge pages in a range, or for none. A kernel built without them refuses, which is
    /// as good.
    static void preferHugePages(long address, long bytes, boolean huge) {
        advise(address, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    }

    /// The kernel's answer: 0, or the errno.
    private static int advise(long address, long bytes, int advice) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            int result = (int) MADVISE.invokeExact(state, address, bytes, advice);
            return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    private static void check(String call, int errno, long address, long bytes) {
        if (errno != 0) {
            throw new IllegalStateException(
                    call
                            + " of "
                            + bytes
                            + " bytes at 0x"
                            + Long.toHexString(address)
                            + " failed with errno "
                            + errno);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }
}
