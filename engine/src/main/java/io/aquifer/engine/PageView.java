package io.aquifer.engine;

import io.aquifer.memory.PageLease;

import java.lang.foreign.MemorySegment;

/// How a page becomes a segment with bounds, which the end of its task makes invalid.
@FunctionalInterface
interface PageView {
    /// @param page the address of a page that the lease holds
    MemorySegment of(PageLease lease, long page);
}
