package io.aquifer.state;

import java.util.Arrays;

/// Numbers for the pages that a table's records lie on, so that a record is named in 40 bits.
///
/// ```
///  39              12 11          0
/// +------------------+-------------+
/// | page number >= 1 | offset / 8  |   a reference; 0 is none
/// +------------------+-------------+
/// ```
///
/// Numbers of pages that were given back are used again. The directory takes 8 bytes of the Java
/// heap per page.
final class RecordPages {
    static final int REF_BITS = 40;
    static final long REF_MASK = (1L << REF_BITS) - 1;
    static final int PAGE_BYTES = PageSource.PAGE_BYTES;

    private static final int OFFSET_BITS = 12;
    private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
    private static final int PAGES_MAX = 1 << (REF_BITS - OFFSET_BITS);

    private final PageSource source;

    /// By number; the entry of a number that is not in use is the next such number, negated.
    private long[] addresses = new long[8];

    private int nextNumber = 1;
    private int freeNumber;
    private int count;

    RecordPages(PageSource source) {
        this.source = source;
    }

    /// Where a record lies now.
    long address(long ref) {
        return addresses[(int) (ref >>> OFFSET_BITS)] + ((ref & OFFSET_MASK) << 3);
    }

    long pageAddress(int number) {
        return addresses[number];
    }

    static long ref(int number, int offset) {
        return (long) number << OFFSET_BITS | offset >>> 3;
    }

    static int number(long ref) {
        return (int) (ref >>> OFFSET_BITS);
    }

    static int offset(long ref) {
        return (int) (ref & OFFSET_MASK) << 3;
    }

    /// All references lie on pages of numbers below this one.
    int numberEnd() {
        return nextNumber;
    }

    int count() {
        return count;
    }

    long heapBytes() {
        return 8L * addresses.length + 48;
    }

    /// Gives a number to a page.
    int add(long address) {
        int number = freeNumber != 0 ? freeNumber : nextNumber;
        if (number == addresses.length) {
            addresses = Arrays.copyOf(addresses, number * 2);
        }
        if (number == freeNumber) {
            freeNumber = (int) -addresses[number];
        } else {
            nextNumber++;
        }
        addresses[number] = address;
        count++;
        return number;
    }

    /// Whether there are numbers for so many pages more.
    void requireNumbers(int more) {
        if (count > PAGES_MAX - 1 - more) {
            throw new IllegalStateException(
                    "cannot add a page to a table: it has "
                            + count
                            + " of "
                            + (PAGES_MAX - 1)
                            + " pages (8 TiB), the most that references can name. Raise the"
                            + " parallelism.");
        }
    }

    /// Gives a page back to the source.
    void release(int number) {
        source.release(addresses[number]);
        addresses[number] = -freeNumber;
        freeNumber = number;
        count--;
    }

    /// Gives all pages back; every reference is void.
    void clear() {
        for (int number = 1; number < nextNumber; number++) {
            if (addresses[number] > 0) {
                source.release(addresses[number]);
            }
        }
        addresses = new long[8];
        nextNumber = 1;
        freeNumber = 0;
        count = 0;
    }
}
