package io.aquifer.engine;

import io.aquifer.api.memory.ManagedPages;
import io.aquifer.memory.MemorySize;
import io.aquifer.memory.PageLease;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// [ManagedPages] on a lease of their own.
final class OperatorPages implements ManagedPages, AutoCloseable {
    private final PageLease lease;
    private final PageView view;

    /// Addresses of pages in the lease by the addresses of their segments.
    private final Map<Long, Long> pages = new HashMap<>();

    /// @param lease belongs to the pages from now on and ends with them
    OperatorPages(PageLease lease, PageView view) {
        this.lease = lease;
        this.view = view;
    }

    @Override
    public MemorySegment allocate() {
        long page = lease.allocatePage();
        MemorySegment segment = null;
        try {
            segment = view.of(lease, page);
            pages.put(segment.address(), page);
            return segment;
        } finally {
            if (segment == null) {
                lease.releasePage(page);
            }
        }
    }

    @Override
    public void release(MemorySegment page) {
        Long held = page.byteSize() == PAGE_SIZE_BYTES ? pages.remove(page.address()) : null;
        if (held == null) {
            throw new IllegalArgumentException(
                    "cannot release a segment of %s at 0x%x to '%s': it is not a page of it, or was released before; pass the segment that allocate() returned"
                            .formatted(
                                    new MemorySize(page.byteSize()),
                                    page.address(),
                                    lease.owner()));
        }
        lease.releasePage(held);
    }

    @Override
    public int pageCount() {
        return pages.size();
    }

    @Override
    public void close() {
        pages.clear();
        lease.close();
    }
}
