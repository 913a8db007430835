package io.aquifer.memory.space;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/// The kernel's `mmap`, `munmap`, `madvise` and `memfd_create`.
///
/// Loaded only where native access is granted. The constants are those of Linux on every
/// architecture that JDK 25 runs on.
///
/// **Threads.** Any thread.
@SuppressWarnings("restricted") // AddressSpace asks for native access before it loads this class
final class LinuxMemory implements MemoryCalls {
    static final LinuxMemory CALLS = new LinuxMemory();

    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 0x01;
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MFD_CLOEXEC = 1;
    private static final int NO_FILE = -1;
    private static final int ENOSYS = 38;
    private static final long PROBE_BYTES = 64 * 1024;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle MMAP =
            function(
                    "mmap",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                            JAVA_LONG));
    private static final MethodHandle MUNMAP =
            function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MADVISE =
            function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

    private LinuxMemory() {}

    /// One segment over all addresses, without bounds worth the name: whoever uses it checks first.
    static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /// `bytes` bytes from `address`, accessible until `arena` is closed.
    static MemorySegment view(long address, long bytes, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
    }

    /// What this kernel refused of mapping, taking back and unmapping; empty if nothing.
    static String refusal() {
        long address = CALLS.reserve(PROBE_BYTES);
        if (MemoryCalls.failed(address)) {
            return "mmap of 64 KiB failed with " + Errno.text((int) -address);
        }
        int advised = CALLS.advise(address, PROBE_BYTES, MADV_DONTNEED);
        CALLS.unmap(address, PROBE_BYTES);
        return advised == 0
                ? ""
                : "madvise(MADV_DONTNEED) of 64 KiB failed with " + Errno.text(-advised);
    }

    @Override
    public long reserve(long bytes) {
        return map(0, bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, NO_FILE, 0);
    }

    @Override
    public long mapZeros(long address, long bytes) {
        return map(
                address,
                bytes,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
                NO_FILE,
                0);
    }

    @Override
    public long mapNothing(long address, long bytes, long offset) {
        int file = EmptyFile.DESCRIPTOR;
        return file < 0
                ? file
                : map(address, bytes, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, file, offset);
    }

    @Override
    public int unmap(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            int result = (int) MUNMAP.invokeExact(state, address, bytes);
            return result == 0 ? 0 : -(int) ERRNO.get(state, 0L);
        } catch (Throwable unexpected) {
            throw unexpected(unexpected);
        }
    }

    @Override
    public int advise(long address, long bytes, int advice) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            int result = (int) MADVISE.invokeExact(state, address, bytes, advice);
            return result == 0 ? 0 : -(int) ERRNO.get(state, 0L);
        } catch (Throwable unexpected) {
            throw unexpected(unexpected);
        }
    }

    private static long map(long address, long bytes, int flags, int file, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            long result =
                    (long)
                            MMAP.invokeExact(
                                    state,
                                    address,
                                    bytes,
                                    PROT_READ | PROT_WRITE,
                                    flags,
                                    file,
                                    offset);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (Throwable unexpected) {
            throw unexpected(unexpected);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }

    /// Calls through method handles declare every `Throwable`; ours throw none that is checked.
    private static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException failure
                ? failure
                : new IllegalStateException(thrown);
    }

    /// A file in memory without a byte and without a name, made when the first page is guarded and
    /// kept for the life of the process.
    private static final class EmptyFile {
        /// Or the negative errno.
        static final int DESCRIPTOR = create();

        private static int create() {
            Linker linker = Linker.nativeLinker();
            Optional<MemorySegment> address = linker.defaultLookup().find("memfd_create");
            if (address.isEmpty()) {
                return -ENOSYS;
            }
            MethodHandle create =
                    linker.downcallHandle(
                            address.get(),
                            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                            Linker.Option.captureCallState("errno"));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(CAPTURE);
                int file =
                        (int)
                                create.invokeExact(
                                        state, arena.allocateFrom("aquifer-guard"), MFD_CLOEXEC);
                return file >= 0 ? file : -(int) ERRNO.get(state, 0L);
            } catch (Throwable unexpected) {
                throw unexpected(unexpected);
            }
        }
    }
}
