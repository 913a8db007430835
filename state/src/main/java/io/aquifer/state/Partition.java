package io.aquifer.state;

import java.util.Arrays;

/// The record pages of one range of routings, which no other range uses: so a range can be moved,
/// written or dropped as a whole, and its pages with it.
///
/// Records are taken from the pages one behind the other; what is removed stays as *dead* bytes
/// until the partition is compacted. The pages of large records are counted, not listed: their
/// records name them.
///
/// **Invariant:** below the fresh end, the pages are covered by the records that the index names,
/// the dead bytes, and what was left at the end of a page that could not take the next record.
final class Partition {
    private int[] numbers = new int[2];
    private int count;
    private int freshOffset = RecordPages.PAGE_BYTES;
    private int deadBytes;
    private int largePages;

    /// Whether keys of this range may be on disk and not in memory.
    private boolean cold;

    /// Whether keys were removed here that are remembered as such.
    private boolean entombed;

    /// The last snapshot that is done with this range.
    private int savedIn;

    /// The last copy of a record that a snapshot under way has made before a change, or 0.
    private long undo;

    private int pins;

    /// Whether it is being iterated: its slots and records stay where they are.
    boolean isPinned() {
        return pins != 0;
    }

    void pin(int change) {
        pins += change;
    }

    int pageCount() {
        return count;
    }

    int largePages() {
        return largePages;
    }

    void addLargePages(int change) {
        largePages += change;
    }

    boolean isCold() {
        return cold;
    }

    void setCold(boolean nowCold) {
        cold = nowCold;
    }

    boolean isEntombed() {
        return entombed;
    }

    void setEntombed(boolean nowEntombed) {
        entombed = nowEntombed;
    }

    int savedIn() {
        return savedIn;
    }

    void setSavedIn(int snapshot) {
        savedIn = snapshot;
    }

    long undo() {
        return undo;
    }

    void setUndo(long copy) {
        undo = copy;
    }

    int deadBytes() {
        return deadBytes;
    }

    /// Bytes of the pages below the fresh end.
    int usedBytes() {
        return count * RecordPages.PAGE_BYTES - (RecordPages.PAGE_BYTES - freshOffset);
    }

    boolean fits(int bytes) {
        return freshOffset + bytes <= RecordPages.PAGE_BYTES;
    }

    /// Whether compacting gives at least a page back, and is not done for little.
    boolean isWorthCompacting() {
        return deadBytes >= RecordPages.PAGE_BYTES && deadBytes >= usedBytes() >> 2;
    }

    /// Takes room that [#fits]; returns its reference.
    long take(int bytes) {
        long ref = RecordPages.ref(numbers[count - 1], freshOffset);
        freshOffset += bytes;
        return ref;
    }

    /// The room has become dead.
    void drop(int bytes) {
        deadBytes += bytes;
    }

    void addPage(int number) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, count * 2);
        }
        numbers[count++] = number;
        freshOffset = 0;
    }

    int page(int position) {
        return numbers[position];
    }

    /// Sorts the pages by number, so that the order of references is that of the pages. Only before
    /// [#keep], which says where the fresh end is then.
    void sortPages() {
        Arrays.sort(numbers, 0, count);
    }

    /// Where a page of this number is among the sorted pages.
    int positionOf(int number) {
        return Arrays.binarySearch(numbers, 0, count, number);
    }

    /// Gives all pages back behind the first `kept`; of the last of those, `lastUsed` bytes are in
    /// use; nothing is dead.
    void keep(int kept, int lastUsed, RecordPages pages) {
        while (count > kept) {
            pages.release(numbers[--count]);
        }
        freshOffset = kept == 0 ? RecordPages.PAGE_BYTES : lastUsed;
        deadBytes = 0;
    }

    /// Takes over the pages of another partition, whose records come along.
    void absorb(Partition other) {
        if (other.count > 0) {
            int tail = count == 0 ? 0 : RecordPages.PAGE_BYTES - freshOffset;
            if (numbers.length < count + other.count) {
                numbers = Arrays.copyOf(numbers, count + other.count);
            }
            System.arraycopy(other.numbers, 0, numbers, count, other.count);
            count += other.count;
            freshOffset = other.freshOffset;
            deadBytes += tail + other.deadBytes;
        }
        largePages += other.largePages;
        cold |= other.cold;
        entombed |= other.entombed;
    }

    long heapBytes() {
        return 48 + 4L * numbers.length;
    }
}
