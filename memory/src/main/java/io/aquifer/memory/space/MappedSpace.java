package io.aquifer.memory.space;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Pages in one reserved range of addresses; a page takes memory when it is first touched.
///
/// Ranges are never unmapped while the process lives, so an access through a stale address cannot
/// crash it. The range of a space that closed in order waits for the next space that fits; the
/// range of one that closed with users left is retired: it keeps its addresses, which cost nothing,
/// and no memory.
final class MappedSpace implements PageSpace {
    /// Ranges start and end at this boundary, the size of a huge page on most machines.
    private static final long ALIGNMENT = 2L << 20;

    /// What to ask of the kernel: `always` or `never`; anything else leaves the choice to it.
    private static final String HUGE_PAGES =
            System.getProperty("aquifer.memory.huge-pages", "system");

    private static final List<Range> IDLE = new ArrayList<>();
    private static final CopyOnWriteArrayList<Range> ALL_RANGES = new CopyOnWriteArrayList<>();

    private record Range(long address, long bytes) {}

    private final Range range;
    private final int pageCount;
    private long committedPages;
    private boolean closed;

    private MappedSpace(Range range, int pageCount) {
        this.range = range;
        this.pageCount = pageCount;
    }

    static MappedSpace reserve(int pageCount) throws AddressSpaceException {
        long wanted = Math.max(1L, (long) pageCount) * PAGE_BYTES;
        long bytes = (wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        synchronized (IDLE) {
            Range best = null;
            for (Range idle : IDLE) {
                if (idle.bytes >= bytes && (best == null || idle.bytes < best.bytes)) {
                    best = idle;
                }
            }
            if (best == null) {
                long start = LinuxMemory.map(bytes + ALIGNMENT);
                best = new Range((start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, bytes);
                if (HUGE_PAGES.equals("always") || HUGE_PAGES.equals("never")) {
                    LinuxMemory.preferHugePages(
                            best.address, best.bytes, HUGE_PAGES.equals("always"));
                }
                ALL_RANGES.add(best);
            } else {
                IDLE.remove(best);
            }
            return new MappedSpace(best, pageCount);
        }
    }

    static boolean covers(long address, long length) {
        for (Range range : ALL_RANGES) {
            if (address >= range.address && address + length <= range.address + range.bytes) {
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
        committedPages++;
    }

    @Override
    public void decommit(int[] pages, int from, int to) {
        if (closed) {
            return;
        }
        int start = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to || pages[i] != pages[i - 1] + 1) {
                LinuxMemory.decommit(address(pages[start]), (long) (i - start) * PAGE_BYTES);
                start = i;
            }
        }
        committedPages -= to - from;
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
        committedPages = 0;
        LinuxMemory.decommit(range.address, range.bytes);
        if (reusable) {
            synchronized (IDLE) {
                IDLE.add(range);
            }
        }
    }
}
