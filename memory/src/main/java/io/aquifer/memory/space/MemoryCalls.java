package io.aquifer.memory.space;

/// The kernel's calls that a [MappedSpace] makes; tests put one that fails in between.
///
/// Answers are the kernel's own: 0 or a result, or the negative errno. None of them waits or
/// throws.
interface MemoryCalls {
    int MADV_DONTNEED = 4;
    int MADV_HUGEPAGE = 14;
    int MADV_NOHUGEPAGE = 15;

    /// Whether `answer` is a negative errno; addresses of this kernel's upper half are never given
    /// out.
    static boolean failed(long answer) {
        return answer < 0;
    }

    /// Addresses of private zeros anywhere, which take memory when touched.
    long reserve(long bytes);

    /// Puts private zeros in place of whatever is mapped at `address`.
    long mapZeros(long address, long bytes);

    /// Puts an empty file in place of whatever is mapped at `address`: each access raises SIGBUS.
    long mapNothing(long address, long bytes, long offset);

    int unmap(long address, long bytes);

    int advise(long address, long bytes, int advice);
}
