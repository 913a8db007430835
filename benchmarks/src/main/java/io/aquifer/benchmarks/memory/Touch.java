package io.aquifer.benchmarks.memory;

import io.aquifer.memory.kernel.PageAccess;

/// Makes a page resident: one byte written in each 4 KiB.
final class Touch {
    private static final int KERNEL_PAGE_BYTES = 4096;

    private Touch() {}

    static void write(long page) {
        for (int offset = 0; offset < Budgets.PAGE_BYTES; offset += KERNEL_PAGE_BYTES) {
            PageAccess.putByte(page + offset, (byte) 1);
        }
    }
}
