package io.aquifer.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Which [IndexPage] and which [Partition] a routing belongs to: by its top `depth` bits.
///
/// **Invariant:** with `d` the depth of an index page, exactly the `2^(depth - d)` entries that
/// agree in the top `d` bits name it and its partition; the entry has the sign bit set if a chain
/// of pages hangs on the page. Before the first page all entries are 0.
final class Directory {
    private static final int DEPTH_MAX = IndexPage.TAG_BITS;
    private static final int ENTRIES_PER_PAGE_MAX = 256;
    private static final long CHAINED = Long.MIN_VALUE;

    private long[] entries = new long[2];
    private @Nullable Partition[] partitions = new @Nullable Partition[2];
    private int shift = 63;
    private int ranges;
    private int rangesOfFullDepth;

    /// The page to search for a routing: 0 for none, negative with a chain, see [#firstOf].
    long entry(long routing) {
        return entries[(int) (routing >>> shift)];
    }

    static long firstOf(long entry) {
        return entry & ~CHAINED;
    }

    long firstPage(long routing) {
        return firstOf(entry(routing));
    }

    Partition partition(long routing) {
        return partitionAt((int) (routing >>> shift));
    }

    boolean isEmpty() {
        return entries[0] == 0;
    }

    int length() {
        return entries.length;
    }

    long entryAt(int position) {
        return entries[position];
    }

    Partition partitionAt(int position) {
        Partition partition = partitions[position];
        if (partition == null) {
            throw new IllegalStateException(
                    "a table's directory names no partition: it is damaged");
        }
        return partition;
    }

    /// The position after all entries that name the page at `position`.
    int positionAfter(int position) {
        int span = entries.length >> IndexPage.depth(firstOf(entries[position]));
        return (position & -span) + span;
    }

    /// The lowest routing of the range at `position`.
    long routingAt(int position) {
        return (long) position << shift;
    }

    /// The first position of the range of a routing.
    int startOf(long routing) {
        int position = positionOf(routing);
        return position & -(entries.length >> IndexPage.depth(firstOf(entries[position])));
    }

    int positionOf(long routing) {
        return (int) (routing >>> shift);
    }

    long heapBytes() {
        return 12L * entries.length + 64;
    }

    void clear() {
        entries = new long[2];
        partitions = new @Nullable Partition[2];
        shift = 63;
        ranges = 0;
        rangesOfFullDepth = 0;
    }

    /// Names the first page, for all routings.
    void begin(long page, Partition partition) {
        Arrays.fill(entries, page);
        Arrays.fill(partitions, partition);
        ranges = 1;
    }

    void setChained(long routing, boolean chained) {
        long first = firstPage(routing);
        set(routing, chained ? first | CHAINED : first, partition(routing));
    }

    private void set(long routing, long entry, Partition partition) {
        int span = entries.length >> IndexPage.depth(firstOf(entry));
        int from = positionOf(routing) & -span;
        Arrays.fill(entries, from, from + span, entry);
        Arrays.fill(partitions, from, from + span, partition);
    }

    /// Whether the range of a routing can be divided.
    boolean canSplit(long routing) {
        long entry = entry(routing);
        return entry > 0
                && IndexPage.count(entry) > 1
                && (IndexPage.depth(entry) < depth()
                        || depth() < DEPTH_MAX
                                && entries.length < Math.max(64, ENTRIES_PER_PAGE_MAX * ranges));
    }

    /// The page of a routing was split: its depth is one more, and `page` has the upper half.
    void split(long routing, long page, Partition upper) {
        int newDepth = IndexPage.depth(page);
        if (newDepth > depth()) {
            doubleLength();
        }
        int half = entries.length >> newDepth;
        int from = ((int) (routing >>> (64 - newDepth)) | 1) * half;
        Arrays.fill(entries, from, from + half, page);
        Arrays.fill(partitions, from, from + half, upper);
        ranges++;
        if (newDepth == depth()) {
            rangesOfFullDepth += 2;
        }
    }

    /// The range of a routing was merged with its buddy: `page`, whose depth is one less now, has
    /// both.
    void merge(long routing, long page, Partition partition) {
        if (IndexPage.depth(page) + 1 == depth()) {
            rangesOfFullDepth -= 2;
        }
        ranges--;
        set(routing, page, partition);
        while (rangesOfFullDepth == 0 && entries.length > 2) {
            halveLength();
        }
    }

    private int depth() {
        return 64 - shift;
    }

    private void doubleLength() {
        long[] doubled = new long[entries.length * 2];
        @Nullable Partition[] doubledPartitions = new @Nullable Partition[doubled.length];
        for (int i = 0; i < doubled.length; i++) {
            doubled[i] = entries[i >> 1];
            doubledPartitions[i] = partitions[i >> 1];
        }
        entries = doubled;
        partitions = doubledPartitions;
        shift--;
        rangesOfFullDepth = 0;
    }

    private void halveLength() {
        long[] halved = new long[entries.length / 2];
        @Nullable Partition[] halvedPartitions = new @Nullable Partition[halved.length];
        for (int i = 0; i < halved.length; i++) {
            halved[i] = entries[2 * i];
            halvedPartitions[i] = partitions[2 * i];
        }
        entries = halved;
        partitions = halvedPartitions;
        shift++;
        rangesOfFullDepth = 0;
        for (int position = 0; position < entries.length; position = positionAfter(position)) {
            if (IndexPage.depth(firstOf(entries[position])) == depth()) {
                rangesOfFullDepth++;
            }
        }
    }
}
