package io.aquifer.memory.space;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// The bytes that a released page is filled with, so that a late write shows.
final class Poison {
    static final byte BYTE = (byte) 0xA5;
    private static final long LONG = 0xA5A5_A5A5_A5A5_A5A5L;

    private Poison() {}

    static void fill(MemorySegment page) {
        page.fill(BYTE);
    }

    /// Where the first byte that is not poison lies, or -1.
    static int firstChange(MemorySegment page) {
        for (int at = 0; at < page.byteSize(); at += Long.BYTES) {
            if (page.get(JAVA_LONG_UNALIGNED, at) != LONG) {
                int changed = at;
                while (page.get(JAVA_BYTE, changed) == BYTE) {
                    changed++;
                }
                return changed;
            }
        }
        return -1;
    }
}
