package io.aquifer.memory.space;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Pages in one reserved range of addresses; a page takes memory when it is first touched.
///
/// Ranges are never unmapped while the process lives, so an access through a stale address cannot
/// crash it. The range of a space that closed in order waits for the next space that fits; the
/// range of one that closed with users left is retired: it keeps its addresses, which cost nothing,
/// and no memory.
///
/// **Invariant**: memory is given back only from extents without huge pages, so that the kernel
/// does not fill it up again.
final class MappedSpace implements PageSpace {
    /// Ranges start and end at this boundary, the size of a huge page on most machines.
    private static final long ALIGNMENT = (long) HUGE_EXTENT_PAGES * PAGE_BYTES;

    /// How often a call is repeated that the kernel could not answer at the moment.
    private static final int ATTEMPTS = 16;

    private static final List<Range> IDLE = new ArrayList<>();
    private static final CopyOnWriteArrayList<Range> ALL_RANGES = new CopyOnWriteArrayList<>();

    private record Range(long address, long bytes, HugePages hugePages) {}

    private final Range range;
    private final int pageCount;
    private final MemoryCalls calls;
    private final boolean hugeExtentsAllowed;

    /// Pages that [#decommit] could not give back; still committed.
    private final BitSet leftover = new BitSet();

    private final BitSet guarded = new BitSet();
    private final BitSet hugeExtents = new BitSet();
    private long committedPages;
    private boolean closed;
    private boolean reusable;

    /// Closed, and all memory is back.
    private boolean over;

    private MappedSpace(Range range, int pageCount, MemoryCalls calls, KernelFacts kernel) {
        this.range = range;
        this.pageCount = pageCount;
        this.calls = calls;
        this.hugeExtentsAllowed = range.hugePages == HugePages.EXTENTS && kernel.allowsHugePages();
    }

    /// Takes an idle range that fits, or one `mmap` and at most one `madvise`.
    static MappedSpace reserve(
            int pageCount, MemoryCalls calls, KernelFacts kernel, HugePages hugePages)
            throws AddressSpaceException {
        long wanted = Math.max(1L, (long) pageCount) * PAGE_BYTES;
        long bytes = (wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        synchronized (IDLE) {
            Range best = null;
            for (Range idle : IDLE) {
                if (idle.bytes >= bytes
                        && idle.hugePages == hugePages
                        && (best == null || idle.bytes < best.bytes)) {
                    best = idle;
                }
            }
            if (best == null) {
                best = map(bytes, calls, kernel, hugePages);
                ALL_RANGES.add(best);
            } else {
                IDLE.remove(best);
            }
            return new MappedSpace(best, pageCount, calls, kernel);
        }
    }

    private static Range map(long bytes, MemoryCalls calls, KernelFacts kernel, HugePages hugePages)
            throws AddressSpaceException {
        long start = calls.reserve(bytes + ALIGNMENT);
        if (MemoryCalls.failed(start)) {
            throw AddressSpaceException.cannotMap(bytes + ALIGNMENT, (int) -start, kernel);
        }
        Range range = new Range((start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, bytes, hugePages);
        applyPolicy(calls, range, range.address, range.bytes);
        return range;
    }

    /// Says what the policy wants of fresh memory. A kernel built without huge pages refuses, which
    /// is as good.
    private static void applyPolicy(MemoryCalls calls, Range range, long address, long bytes) {
        switch (range.hugePages) {
            case EXTENTS, NEVER -> calls.advise(address, bytes, MemoryCalls.MADV_NOHUGEPAGE);
            case ALWAYS -> calls.advise(address, bytes, MemoryCalls.MADV_HUGEPAGE);
            case SYSTEM -> {}
        }
    }

    static boolean covers(long address, long length) {
        for (Range range : ALL_RANGES) {
            long offset = address - range.address;
            if (address >= range.address && offset <= range.bytes - length) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int pageCount() {
        return pageCount;
    }

    @Override
    public long address(int page) {
        return range.address + (long) page * PAGE_BYTES;
    }

    @Override
    public int pageAt(long address) {
        long offset = address - range.address;
        boolean starts =
                offset >= 0 && offset < (long) pageCount * PAGE_BYTES && offset % PAGE_BYTES == 0;
        return starts ? (int) (offset / PAGE_BYTES) : -1;
    }

    @Override
    public void commit(int page) {
        if (leftover.get(page)) {
            AddressSpace.page(address(page)).fill((byte) 0);
            leftover.clear(page);
            return;
        }
        unguard(page);
        committedPages++;
    }

    @Override
    public void decommit(int[] pages, int from, int to) {
        if (closed) {
            return;
        }
        retryFrees();
        for (int page : tryDecommit(pages, from, to)) {
            leftover.set(page);
        }
    }

    @Override
    public int[] tryDecommit(int[] pages, int from, int to) {
        int[] stayed = new int[0];
        if (closed) {
            return stayed;
        }
        int start = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to || pages[i] != pages[i - 1] + 1) {
                if (start < i && !giveBack(pages[start], i - start)) {
                    int before = stayed.length;
                    stayed = Arrays.copyOf(stayed, before + i - start);
                    System.arraycopy(pages, start, stayed, before, i - start);
                }
                start = i;
            }
        }
        committedPages -= to - from - stayed.length;
        return stayed;
    }

    @Override
    public long retryFrees() {
        if (closed) {
            giveAllBack();
            return residentBytes();
        }
        if (!leftover.isEmpty()) {
            int[] pages = leftover.stream().toArray();
            leftover.clear();
            for (int page : tryDecommit(pages, 0, pages.length)) {
                leftover.set(page);
            }
        }
        return (long) leftover.cardinality() * PAGE_BYTES;
    }

    @Override
    public long residentBytes() {
        return committedPages * PAGE_BYTES;
    }

    @Override
    public void close(boolean reusable) {
        if (closed) {
            return;
        }
        closed = true;
        this.reusable = reusable;
        leftover.clear();
        giveAllBack();
    }

    @Override
    public boolean guard(int page) {
        if (closed || !mapNothing(page, 1)) {
            return false;
        }
        guarded.set(page);
        committedPages--;
        return true;
    }

    @Override
    public void unguard(int page) {
        if (guarded.get(page)) {
            int errno = mapZeros(page, 1);
            if (errno != 0) {
                throw new OutOfMemoryError(
                        "mmap of "
                                + PAGE_BYTES
                                + " bytes in place of a guarded page failed with "
                                + Errno.text(errno)
                                + "; raise vm.max_map_count or run without"
                                + " aquifer.memory.guard");
            }
            guarded.clear(page);
        }
    }

    @Override
    public boolean preferHuge(int firstPage) {
        if (firstPage < 0
                || firstPage % HUGE_EXTENT_PAGES != 0
                || firstPage > pageCount - HUGE_EXTENT_PAGES) {
            throw new IllegalArgumentException(
                    "no extent of "
                            + HUGE_EXTENT_PAGES
                            + " pages starts at page "
                            + firstPage
                            + " of "
                            + pageCount);
        }
        int end = firstPage + HUGE_EXTENT_PAGES;
        if (closed
                || !hugeExtentsAllowed
                || hasAny(leftover, firstPage, end)
                || hasAny(guarded, firstPage, end)
                || !advise(firstPage, HUGE_EXTENT_PAGES, MemoryCalls.MADV_HUGEPAGE)) {
            return false;
        }
        hugeExtents.set(firstPage / HUGE_EXTENT_PAGES);
        return true;
    }

    private static boolean hasAny(BitSet pages, int from, int end) {
        int next = pages.nextSetBit(from);
        return next >= 0 && next < end;
    }

    /// Gives back neighbouring pages; if the kernel refuses, all count as resident.
    private boolean giveBack(int page, int count) {
        int lastExtent = (page + count - 1) / HUGE_EXTENT_PAGES;
        int extent = hugeExtents.nextSetBit(page / HUGE_EXTENT_PAGES);
        while (extent >= 0 && extent <= lastExtent) {
            int first = extent * HUGE_EXTENT_PAGES;
            if (!advise(first, HUGE_EXTENT_PAGES, MemoryCalls.MADV_NOHUGEPAGE)) {
                return false;
            }
            hugeExtents.clear(extent);
            extent = hugeExtents.nextSetBit(extent + 1);
        }
        return advise(page, count, MemoryCalls.MADV_DONTNEED);
    }

    /// Gives back the whole range of a closed space, which is then over: its range is idle, or
    /// retired.
    private void giveAllBack() {
        if (over || !giveBack(0, Math.max(1, pageCount))) {
            return;
        }
        committedPages = 0;
        if (reusable) {
            for (int from = guarded.nextSetBit(0); from >= 0; from = guarded.nextSetBit(from)) {
                int to = guarded.nextClearBit(from);
                if (mapZeros(from, to - from) != 0) {
                    return;
                }
                guarded.clear(from, to);
            }
            synchronized (IDLE) {
                IDLE.add(range);
            }
        } else if (AddressSpace.GUARDED) {
            mapNothing(0, Math.max(1, pageCount));
        }
        over = true;
    }

    private boolean mapNothing(int page, int count) {
        // Neighbours have neighbouring places in the empty file, so that the kernel sees one
        // mapping.
        long offset = (long) page * PAGE_BYTES;
        return !MemoryCalls.failed(
                calls.mapNothing(address(page), (long) count * PAGE_BYTES, offset));
    }

    /// Makes guarded pages accessible; returns the errno if the kernel refuses.
    private int mapZeros(int page, int count) {
        long bytes = (long) count * PAGE_BYTES;
        long answer = calls.mapZeros(address(page), bytes);
        if (MemoryCalls.failed(answer)) {
            return (int) -answer;
        }
        applyPolicy(calls, range, address(page), bytes);
        return 0;
    }

    private boolean advise(int page, int count, int advice) {
        int answer = -Errno.EAGAIN;
        for (int attempt = 0; attempt < ATTEMPTS && answer == -Errno.EAGAIN; attempt++) {
            answer = calls.advise(address(page), (long) count * PAGE_BYTES, advice);
        }
        return answer == 0;
    }
}
