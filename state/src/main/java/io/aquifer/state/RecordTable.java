package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.run.RunScan;
import io.aquifer.state.spill.SpillException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongToIntFunction;

/// The records of one table in memory: key bytes to value bytes, by [routing][KeyRouting].
///
/// An extendible hash table. The [Directory], with the [Partition]s the only part on the Java heap,
/// leads to an [IndexPage] and to the partition that owns the records which the page names. A
/// partition that is full splits alone; two half-empty buddies merge again. An index page that
/// cannot split, since its routings agree in more bits than a directory of reasonable size tells
/// apart, gets pages chained behind it, which a search walks.
///
/// **Failing.** Every call takes the memory that it needs before it changes anything. Taking memory
/// may wait, and whoever waits may be asked to give memory back, this table included: so a call
/// that has taken memory starts anew. The pages that it took are *spares* until it uses them or
/// ends.
///
/// Addresses of records and slots are valid until the next call that changes the table.
final class RecordTable {
    /// A partition of more record pages splits.
    static final int PARTITION_PAGES_MAX = 16;

    /// The flags of a record that is on disk as it is.
    private static final long FETCHED = 0;

    /// A table can do with so many: one of its index, one of records, and two that are kept.
    private static final int FLOOR_PAGES = 4;

    /// More than what one record may need that is not large: a split and a page.
    private static final int LOADING_SPARES = 2 * PARTITION_PAGES_MAX;

    /// Pages that a snapshot copies records to: two ranges at least.
    private static final int STAGING_PAGES_MAX = 96;

    private static final int STAGING_PAGES_MIN = 24;

    /// A run's index takes a page for so many of the table that are written, about.
    private static final int HELD_PER_INDEX_PAGE = 100;

    /// What an entry takes at least, about.
    private static final int BYTES_PER_ENTRY = 48;

    private static final int PARTITION_LARGE_PAGES_MAX = 64;
    private static final int MERGED_COUNT_MAX = IndexPage.COUNT_MAX / 2;
    private static final int MERGED_PAGES_MAX = PARTITION_PAGES_MAX / 2;

    final RecordPages pages;
    final LargeRecords large;
    final Directory directory = new Directory();
    private final HeldPages source;
    private final @Nullable ColdTier cold;
    private final @Nullable Eviction eviction;
    private final KeyRouting routing;
    private final boolean growable;
    private final Compaction compaction;
    private final Prefetch prefetch = new Prefetch(this);
    final LongToIntFunction room = this::roomOf;
    private final ByteSlot scratch = new ByteSlot();
    private final ByteSlot fetched = new ByteSlot();
    private final StateKey looked;
    private final byte[] nothing = new byte[0];
    private long size;
    private long changes;

    /// What records that change are marked with, 1 or 2.
    private int phase = 1;

    private long[] spares = new long[4];
    private int spareCount;

    /// The routing of what must stay in memory during a call.
    private long guarded;

    private boolean guards;
    private int iterations;

    /// Whether an iteration has left tombstones.
    private boolean entombed;

    /// Whether keys may be on disk and not in memory.
    private boolean beyondMemory;

    /// The snapshot under way, and the pages that its run has.
    private @Nullable TableSnapshot saving;

    private @Nullable KeptPages savingWith;
    private int snapshots;

    private boolean closed;

    /// @param routing that of the keys
    /// @param growable whether values are appended to: their room then grows by a quarter at a time
    /// @param cold where records go that do not fit, null if nowhere
    RecordTable(PageSource source, KeyRouting routing, boolean growable, @Nullable ColdTier cold) {
        this.source = new HeldPages(source, cold != null);
        this.routing = routing;
        this.looked = new StateKey(routing);
        this.growable = growable;
        this.cold = cold;
        this.eviction = cold == null ? null : new Eviction(this, cold);
        this.pages = new RecordPages(this.source);
        this.large = new LargeRecords(pages);
        this.compaction = new Compaction(pages);
    }

    /// Live records of kind [RecordHeader#VALUE].
    long size() {
        return size;
    }

    int pageCount() {
        return source.held();
    }

    long heapBytes() {
        long bytes =
                directory.heapBytes()
                        + pages.heapBytes()
                        + compaction.heapBytes()
                        + prefetch.heapBytes();
        if (!directory.isEmpty()) {
            for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
                bytes += directory.partitionAt(at).heapBytes();
            }
        }
        return bytes;
    }

    /// Differs whenever the address of a slot may have changed.
    long changes() {
        return changes;
    }

    void prefetch(long[] routings, int count) {
        prefetch.touch(routings, count);
    }

    // ---- finding

    /// The address of the slot of a key, or 0; a tombstone counts.
    long find(StateKey key) {
        long known = prefetch.slotOf(key.route());
        if (known != 0 && matches(addressAt(known), key)) {
            return known;
        }
        long slot = search(key);
        prefetch.remember(key.route(), slot);
        return slot;
    }

    private long search(StateKey key) {
        long page = directory.entry(key.route());
        return page > 0 ? searchPage(page, key) : searchChain(page, key);
    }

    private long searchPage(long page, StateKey key) {
        long routing = key.route();
        long end = page + IndexPage.HEADER;
        for (long at = page + IndexPage.homeOffset(routing); at < end; at += 8) {
            long slot = getLong(at);
            if (slot == 0) {
                return 0;
            }
            if (((slot ^ routing) & IndexPage.TAG_MASK) == 0
                    && matches(pages.address(IndexPage.ref(slot)), key)) {
                return at;
            }
        }
        return 0;
    }

    private long searchChain(long entry, StateKey key) {
        if (entry == 0) {
            checkOpen();
        }
        for (long page = Directory.firstOf(entry); page != 0; page = IndexPage.next(page)) {
            long found = searchPage(page, key);
            if (found != 0) {
                return found;
            }
        }
        return 0;
    }

    private boolean matches(long record, StateKey key) {
        long header = getLong(record);
        int length = key.length();
        long wanted = RecordHeader.wanted(key.route(), key.kind(), length);
        if (length <= RecordHeader.KEY_MAX && RecordHeader.mayMatch(header, wanted)) {
            long keyAddress = record + RecordHeader.BYTES;
            return length == Long.BYTES
                    ? getLong(keyAddress) == KeyRouting.longAt(key.bytes(), key.offset())
                    : PageAccess.equals(keyAddress, key.bytes(), key.offset(), length);
        }
        return RecordHeader.mayMatchLarge(header, wanted)
                && large.keyEquals(record, key.bytes(), key.offset(), length);
    }

    /// The address of the record of a slot.
    long addressAt(long slot) {
        return pages.address(IndexPage.ref(getLong(slot)));
    }

    // ---- reading

    static int valueLength(long record) {
        long header = getLong(record);
        return RecordHeader.isLarge(header)
                ? LargeRecords.valueLength(record)
                : RecordHeader.valueLength(header);
    }

    void readKey(long record, ByteSlot out) {
        long header = getLong(record);
        if (RecordHeader.isLarge(header)) {
            large.readKey(record, out.resize(LargeRecords.keyLength(record)), 0);
        } else {
            int length = RecordHeader.keyLength(header);
            PageAccess.copy(record + RecordHeader.BYTES, out.resize(length), 0, length);
        }
    }

    void readValue(long record, ByteSlot out) {
        long header = getLong(record);
        if (RecordHeader.isLarge(header)) {
            large.readValue(record, out.resize(LargeRecords.valueLength(record)));
        } else {
            int length = RecordHeader.valueLength(header);
            PageAccess.copy(valueAddress(record, header), out.resize(length), 0, length);
        }
    }

    /// Copies `value[at .. at + length)` to `to[offset ..)`.
    void readValue(long record, int at, byte[] to, int offset, int length) {
        long header = getLong(record);
        if (RecordHeader.isLarge(header)) {
            large.readValue(record, at, to, offset, length);
        } else {
            PageAccess.copy(valueAddress(record, header) + at, to, offset, length);
        }
    }

    /// Of a record that is not large.
    static long valueAddress(long record, long header) {
        return record + RecordHeader.BYTES + RecordHeader.keyLength(header);
    }

    /// Copies the value of a key into `out`; false, with `out` as before, if there is none.
    boolean get(StateKey key, ByteSlot out) {
        if (isReadThrough(key)) {
            return requireCold().find(key, out);
        }
        long slot = live(key);
        if (slot == 0) {
            return false;
        }
        readValue(addressAt(slot), out);
        return true;
    }

    boolean contains(StateKey key) {
        return isReadThrough(key) ? requireCold().find(key, fetched) : live(key) != 0;
    }

    /// The slot of a key that has a value, or 0. What is on disk only is brought to memory.
    long live(StateKey key) {
        try {
            return liveWithin(key);
        } finally {
            releaseSpares();
        }
    }

    /// As [#live], within a call that has taken pages.
    private long liveWithin(StateKey key) {
        long slot = find(key);
        if (slot == 0) {
            return cold == null || !isColdOnly(key) ? 0 : fetch(key);
        }
        long record = addressAt(slot);
        long header = getLong(record);
        if (cold != null && (header & RecordHeader.USED) == 0) {
            putLong(record, header | RecordHeader.USED);
        }
        return RecordHeader.isTombstone(header) ? 0 : slot;
    }

    /// Whether a key is read without being brought to memory, where nothing can make room for it:
    /// what is being iterated stays.
    boolean isReadThrough(StateKey key) {
        return iterations != 0 && isColdOnly(key);
    }

    /// Whether what there may be of a key is on disk only.
    private boolean isColdOnly(StateKey key) {
        return cold != null
                && !directory.isEmpty()
                && directory.partition(key.route()).isCold()
                && find(key) == 0;
    }

    private ColdTier requireCold() {
        return Objects.requireNonNull(cold, "a table that has nothing on disk");
    }

    private long fetch(StateKey key) {
        if (!requireCold().find(key, fetched)) {
            return 0;
        }
        boolean inserted = false;
        while (!inserted) {
            inserted = insert(key, fetched.array(), 0, fetched.length(), FETCHED);
        }
        return find(key);
    }

    // ---- writing

    /// Sets the value of a key.
    void put(StateKey key, byte[] value, int offset, int length) {
        if (iterations != 0 && isColdOnly(key)) {
            live(key);
        }
        try {
            while (true) {
                long slot = find(key);
                boolean done =
                        slot != 0
                                ? overwrite(slot, key.route(), value, offset, length)
                                        || rewrite(slot, key, value, offset, length, 0)
                                : insert(key, value, offset, length, dirty());
                if (done) {
                    return;
                }
            }
        } finally {
            releaseSpares();
        }
    }

    private long dirty() {
        return RecordHeader.withDirty(0, phase);
    }

    /// Sets a value of which the record has the room; false, with nothing changed, if not.
    private boolean overwrite(long slot, long routing, byte[] value, int offset, int length) {
        long record = addressAt(slot);
        preserve(record, getLong(record), routing);
        long header = getLong(record);
        if ((header & (RecordHeader.LARGE | RecordHeader.TOMBSTONE)) != 0) {
            return overwriteLarge(record, header, value, offset, length);
        }
        int before = RecordHeader.valueLength(header);
        int keyEnd = RecordHeader.BYTES + RecordHeader.keyLength(header);
        if (before != length) {
            if (keyEnd + length > RecordHeader.INLINE_MAX
                    || roomFor(keyEnd + before) != roomFor(keyEnd + length)) {
                return false;
            }
            putLong(record, RecordHeader.withValueLength(mark(header), length));
        } else {
            markAt(record, header);
        }
        PageAccess.copy(value, offset, record + keyEnd, length);
        return true;
    }

    private boolean overwriteLarge(long record, long header, byte[] value, int offset, int length) {
        if (RecordHeader.isTombstone(header) || LargeRecords.valueLength(record) != length) {
            return false;
        }
        markAt(record, header);
        large.overwriteValue(record, 0, value, offset, length);
        return true;
    }

    /// Replaces a part of a value in place.
    void overwritePart(long slot, int at, byte[] bytes, int offset, int length) {
        long record = addressAt(slot);
        if (saving != null) {
            preserve(record, getLong(record), routingOf(getLong(slot), record));
        }
        long header = getLong(record);
        markAt(record, header);
        if (RecordHeader.isLarge(header)) {
            large.overwriteValue(record, at, bytes, offset, length);
        } else {
            PageAccess.copy(bytes, offset, valueAddress(record, header) + at, length);
        }
    }

    private long mark(long header) {
        return RecordHeader.withDirty(header, phase) | (cold == null ? 0 : RecordHeader.USED);
    }

    private void markAt(long record, long header) {
        long marked = mark(header);
        if (marked != header) {
            putLong(record, marked);
        }
    }

    /// Adds bytes at the end of the value of a key; false, with nothing changed, if it has none.
    boolean append(StateKey key, byte[] bytes, int offset, int length) {
        guarded = key.route();
        guards = true;
        try {
            boolean done = false;
            while (!done) {
                long slot = liveWithin(key);
                if (slot == 0) {
                    return false;
                }
                done = appendAt(slot, key, bytes, offset, length);
            }
            return true;
        } finally {
            guards = false;
            releaseSpares();
        }
    }

    /// Whether the call under way relies on a record staying in memory.
    boolean isGuarded(long slot, long header) {
        return guards
                && ((slot ^ guarded) & IndexPage.TAG_MASK) == 0
                && RecordHeader.lowOfRouting(header) == (guarded & 0xFFFFFFFFL);
    }

    private boolean appendAt(long slot, StateKey key, byte[] bytes, int offset, int length) {
        long record = addressAt(slot);
        long header = getLong(record);
        int before = valueLength(record);
        checkLength((long) before + length);
        if (RecordHeader.isLarge(header)) {
            int more = LargeRecords.pagesToAppend(record, length);
            if (!hasSpares(more)) {
                return false;
            }
            preserve(record, header, key.route());
            markAt(record, getLong(record));
            spareCount -= more;
            large.append(record, bytes, offset, length, spares, spareCount);
            directory.partition(key.route()).addLargePages(more);
            return true;
        }
        int keyEnd = RecordHeader.BYTES + key.length();
        if (keyEnd + (long) before + length <= RecordHeader.INLINE_MAX
                && roomFor(keyEnd + before) == roomFor(keyEnd + before + length)) {
            preserve(record, header, key.route());
            putLong(record, RecordHeader.withValueLength(mark(header), before + length));
            PageAccess.copy(bytes, offset, record + keyEnd + before, length);
            return true;
        }
        byte[] joined = scratch.resize(before + length);
        readValue(record, 0, joined, 0, before);
        System.arraycopy(bytes, offset, joined, before, length);
        return rewrite(slot, key, joined, 0, before + length, 0);
    }

    private static void checkLength(long length) {
        if (length > Integer.MAX_VALUE - 64) {
            throw new IllegalStateException(
                    "cannot let a value grow to "
                            + length
                            + " bytes: 2147483583 are the most that one key takes. Spread what"
                            + " belongs to the key over more keys, or use a MapState.");
        }
    }

    /// Bytes of a record that is not large.
    static int inlineBytes(long header) {
        return RecordHeader.BYTES
                + RecordHeader.keyLength(header)
                + RecordHeader.valueLength(header);
    }

    /// The bytes that a record of so many takes from its page.
    private int roomFor(int bytes) {
        if (!growable || bytes <= 64) {
            return (bytes + 7) & -8;
        }
        // Quarter steps of a doubling.
        int step = Integer.highestOneBit(bytes - 1) >> 2;
        return Math.min((bytes + step - 1) & -step, RecordHeader.INLINE_MAX);
    }

    private int roomOf(long record) {
        long header = getLong(record);
        return RecordHeader.isLarge(header)
                ? LargeRecords.RECORD_BYTES
                : roomFor(inlineBytes(header));
    }

    private static boolean isLarge(int keyLength, int valueLength) {
        return keyLength > RecordHeader.KEY_MAX
                || (long) RecordHeader.BYTES + keyLength + valueLength > RecordHeader.INLINE_MAX;
    }

    /// Adds a record for a key that is not there; false, with the keys as before, if it has taken
    /// memory first.
    private boolean insert(StateKey key, byte[] value, int offset, int length, long flags) {
        checkOpen();
        if (iterations != 0 && counts(key.kind(), flags) && RecordHeader.dirty(flags) != 0) {
            throw new IllegalStateException(
                    "cannot add a key to a table while it is being iterated: collect the new keys"
                            + " and add them afterwards");
        }
        long routing = key.route();
        if (!hasSlotFor(routing)) {
            return false;
        }
        long ref = create(key, value, offset, length, flags);
        if (ref == 0) {
            return false;
        }
        changes++;
        if (RecordHeader.isTombstone(flags)) {
            directory.partition(routing).setEntombed(true);
        }
        long page = directory.firstPage(routing);
        while (!IndexPage.hasRoom(page, routing) || !IndexPage.insert(page, routing, ref)) {
            page = IndexPage.next(page);
        }
        if (counts(key.kind(), flags)) {
            size++;
        }
        return true;
    }

    private static boolean counts(int kind, long flags) {
        return kind == RecordHeader.VALUE && !RecordHeader.isTombstone(flags);
    }

    /// Lets a key have another record, which is dirty; false, with nothing changed, if it has taken
    /// memory first.
    private boolean rewrite(
            long slot, StateKey key, byte[] value, int offset, int length, long flags) {
        long ref = create(key, value, offset, length, flags | dirty());
        if (ref == 0) {
            return false;
        }
        long before = addressAt(slot);
        preserve(before, getLong(before), key.route());
        if (RecordHeader.isTombstone(flags)) {
            directory.partition(key.route()).setEntombed(true);
        }
        size += counts(key.kind(), flags) ? 1 : 0;
        size -= counts(key.kind(), getLong(before)) ? 1 : 0;
        drop(before, directory.partition(key.route()));
        IndexPage.setRef(slot, ref);
        return true;
    }

    /// Makes a record that no slot names yet; 0 if it has taken memory first.
    private long create(StateKey key, byte[] value, int offset, int length, long flags) {
        Partition partition = directory.partition(key.route());
        int keyLength = key.length();
        if (isLarge(keyLength, length)) {
            return createLarge(partition, key, value, offset, length, flags);
        }
        int bytes = roomFor(RecordHeader.BYTES + keyLength + length);
        if (!hasRoom(partition, key.route(), bytes)) {
            return 0;
        }
        long ref = partition.take(bytes);
        long record = pages.address(ref);
        long keyAddress = record + RecordHeader.BYTES;
        putLong(record, RecordHeader.of(key.route(), key.kind(), keyLength, length) | flags);
        PageAccess.copy(key.bytes(), key.offset(), keyAddress, keyLength);
        PageAccess.copy(value, offset, keyAddress + keyLength, length);
        return ref;
    }

    private long createLarge(
            Partition partition, StateKey key, byte[] value, int offset, int length, long flags) {
        int count = LargeRecords.pagesFor((long) key.length() + length);
        if (!hasRoom(partition, key.route(), LargeRecords.RECORD_BYTES) || !hasSpares(count)) {
            return 0;
        }
        long ref = partition.take(LargeRecords.RECORD_BYTES);
        spareCount -= count;
        large.create(
                pages.address(ref),
                RecordHeader.ofLarge(key.route(), key.kind()) | flags,
                key,
                value,
                offset,
                length,
                spares,
                spareCount);
        partition.addLargePages(count);
        return ref;
    }

    /// Gives up what a record takes.
    private void drop(long record, Partition partition) {
        if (RecordHeader.isLarge(getLong(record))) {
            partition.addLargePages(-LargeRecords.pageCount(record));
            large.release(record);
        }
        partition.drop(roomOf(record));
    }

    /// Lets a key have the record of its [shadow][StateKey#setShadow], which is there, in the place
    /// of its own. Takes no memory.
    void promote(StateKey shadow, StateKey key) {
        long from = find(shadow);
        long record = addressAt(from);
        long before = find(key);
        putLong(record, mark(RecordHeader.withKind(getLong(record), RecordHeader.VALUE)));
        size++;
        if (before != 0) {
            long gone = addressAt(before);
            preserve(gone, getLong(gone), key.route());
            size -= counts(RecordHeader.VALUE, getLong(gone)) ? 1 : 0;
            drop(gone, directory.partition(key.route()));
            IndexPage.setRef(before, IndexPage.ref(getLong(from)));
            changes++;
            long page = IndexPage.pageOf(from);
            IndexPage.removeAt(page, (int) (from - page), pages);
        }
    }

    /// Removes a key; false if it has no value. Of a key that is not in memory it is known only
    /// whether it may have had one: nothing is read.
    boolean remove(StateKey key) {
        if (cold == null || cold.isEmpty() && saving == null) {
            long slot = live(key);
            if (slot != 0) {
                remove(slot, key.route());
            }
            return slot != 0;
        }
        return removeOverDisk(key, cold);
    }

    private boolean removeOverDisk(StateKey key, ColdTier disk) {
        // What is being saved will be on disk.
        boolean older = saving != null || disk.mayContain(key);
        try {
            while (true) {
                long slot = find(key);
                boolean live = slot != 0 && !RecordHeader.isTombstone(getLong(addressAt(slot)));
                boolean known = slot != 0 || !isColdOnly(key);
                if (!live && (known || !older)) {
                    return false;
                }
                if (live && !older) {
                    remove(slot, key.route());
                    return true;
                }
                long flags = RecordHeader.TOMBSTONE | dirty();
                boolean done =
                        slot != 0
                                ? rewrite(slot, key, nothing, 0, 0, flags)
                                : insert(key, nothing, 0, 0, flags);
                if (done) {
                    return true;
                }
            }
        } finally {
            releaseSpares();
        }
    }

    /// Removes the key of a slot. While the table is iterated it leaves a tombstone instead, since
    /// slots must stay where they are; those go when the iteration ends.
    void remove(long slot, long routing) {
        long record = addressAt(slot);
        long header = getLong(record);
        size -= counts(RecordHeader.kind(header), header) ? 1 : 0;
        preserve(record, header, routing);
        if (iterations != 0) {
            putLong(record, mark(header) | RecordHeader.TOMBSTONE);
            directory.partition(routing).setEntombed(true);
            entombed = true;
            return;
        }
        long page = IndexPage.pageOf(slot);
        takeOut(slot, routing);
        if ((IndexPage.count(page) & 63) == 0) {
            shrink(routing);
        } else if (isWorthCompacting(routing)) {
            compact(routing);
        }
    }

    /// Removes a slot and its record, whatever it says.
    void takeOut(long slot, long routing) {
        changes++;
        long page = IndexPage.pageOf(slot);
        long record = addressAt(slot);
        IndexPage.removeAt(page, (int) (slot - page), pages);
        drop(record, directory.partition(routing));
    }

    // ---- memory

    /// Whether the partition's pages have the room; else takes a page for it, or makes room.
    private boolean hasRoom(Partition partition, long routing, int bytes) {
        if (partition.fits(bytes)) {
            return true;
        }
        if (partition.isWorthCompacting()) {
            compact(routing);
            return false;
        }
        if (partition.pageCount() >= PARTITION_PAGES_MAX && canSplit(routing)) {
            split(routing);
            return false;
        }
        if (!hasSpares(1)) {
            return false;
        }
        partition.addPage(pages.add(spares[--spareCount]));
        return true;
    }

    /// Whether the index has a place for a new key; else takes a page for it, or splits one.
    private boolean hasSlotFor(long routing) {
        long entry = directory.entry(routing);
        if (entry == 0) {
            if (hasSpares(1)) {
                Partition first = new Partition();
                first.setCold(beyondMemory);
                directory.begin(formatted(spares[--spareCount], 0), first);
            }
            return false;
        }
        boolean full = directory.partition(routing).largePages() > PARTITION_LARGE_PAGES_MAX;
        if (!full || !canSplit(routing)) {
            for (long page = Directory.firstOf(entry); page != 0; page = IndexPage.next(page)) {
                if (IndexPage.hasRoom(page, routing)) {
                    return true;
                }
            }
        }
        if (canSplit(routing)) {
            split(routing);
        } else if (hasSpares(1)) {
            long first = Directory.firstOf(entry);
            long added = formatted(spares[--spareCount], IndexPage.depth(first));
            IndexPage.setNext(added, IndexPage.next(first));
            IndexPage.setNext(first, added);
            directory.setChained(routing, true);
        }
        return false;
    }

    private boolean canSplit(long routing) {
        return iterations == 0 && directory.canSplit(routing);
    }

    /// Whether so many pages are at hand; else takes them from the source, which may change
    /// everything else.
    private boolean hasSpares(int count) {
        if (spareCount >= count) {
            return true;
        }
        pages.requireNumbers(count);
        boolean complete = false;
        try {
            while (spareCount < count) {
                addSpare(allocate(count - spareCount));
            }
            complete = true;
        } finally {
            if (!complete) {
                releaseSpares();
            }
        }
        source.keep();
        return false;
    }

    /// A page; when nobody has one, from what this table can evict though it was not asked, since
    /// it has little or had failed before.
    ///
    /// @param wanted how many will be taken
    private long allocate(int wanted) {
        try {
            return source.allocate();
        } catch (MemoryExhaustedException exhausted) {
            if (eviction == null) {
                throw exhausted;
            }
            eviction.run(wanted);
            long page = source.tryAllocate();
            if (page != 0) {
                return page;
            }
            IOException refusal = eviction.refusal();
            if (refusal == null) {
                throw exhausted;
            }
            SpillException spilling = requireCold().notWritten(refusal);
            spilling.addSuppressed(exhausted);
            throw spilling;
        }
    }

    /// As [#hasSpares], without waiting for anybody.
    private boolean hasSparesForNothing(int count) {
        pages.requireNumbers(count);
        while (spareCount < count) {
            long page = source.tryAllocate();
            if (page == 0) {
                return false;
            }
            addSpare(page);
        }
        return true;
    }

    private void addSpare(long page) {
        if (spareCount == spares.length) {
            spares = Arrays.copyOf(spares, spareCount * 2);
        }
        spares[spareCount++] = page;
    }

    private void releaseSpares() {
        while (spareCount > 0) {
            source.release(spares[--spareCount]);
        }
    }

    private long formatted(long page, int depth) {
        IndexPage.format(page, depth);
        return page;
    }

    private boolean isWorthCompacting(long routing) {
        Partition partition = directory.partition(routing);
        return partition.isWorthCompacting()
                || partition.pageCount() > 0 && IndexPage.isEmpty(directory.firstPage(routing));
    }

    private void compact(long routing) {
        compaction.run(directory.firstPage(routing), directory.partition(routing), room);
    }

    // ---- evicting

    /// Gives back about so many pages, as far as there are any that can be.
    int evict(int count) {
        return eviction == null ? 0 : eviction.run(count);
    }

    /// Pages that an eviction might give back; any thread.
    int evictablePages() {
        return eviction == null ? 0 : Math.max(0, source.held() - FLOOR_PAGES);
    }

    int keptCount() {
        return source.keptCount();
    }

    void keepPages() {
        source.keep();
    }

    /// Takes kept pages for a run.
    ///
    /// @param waits whether, without a page left, others are waited for
    KeptPages handOver(int most, boolean waits) {
        return new KeptPages(source.handOver(most), requireCold().pages(), waits);
    }

    /// Keeps what a run has left of its pages.
    void takeBack(KeptPages run) {
        for (long page : run.end()) {
            source.takeBack(page);
        }
    }

    /// Drops the records of the range of a routing that [Eviction] takes, and the marks of others.
    void dropEvicted(long routing) {
        Partition partition = directory.partition(routing);
        partition.setCold(true);
        beyondMemory = true;
        for (long page = directory.firstPage(routing); page != 0; page = IndexPage.next(page)) {
            for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
                if (getLong(at) != 0) {
                    long record = addressAt(at);
                    long header = getLong(record);
                    if (Eviction.isEvictable(this, getLong(at), header)) {
                        size -= counts(RecordHeader.kind(header), header) ? 1 : 0;
                        takeOut(at, routing);
                    } else if ((header & RecordHeader.USED) != 0) {
                        putLong(record, header & ~RecordHeader.USED);
                    }
                }
            }
        }
    }

    /// Gives the pages back that [#dropEvicted] has emptied. Not before all ranges that are evicted
    /// together were dropped, since it merges ranges.
    void shrinkEvicted(long routing) {
        if (iterations == 0) {
            shrink(routing);
        } else if (isWorthCompacting(routing)) {
            compact(routing);
        }
    }

    /// Whether memory has every key, whatever there is on disk.
    boolean isAllInMemory() {
        return !beyondMemory;
    }

    boolean isIterated() {
        return iterations != 0;
    }

    // ---- checkpoints

    boolean isSavedAsRuns(int pages) {
        return cold != null && (beyondMemory || source.held() >= pages);
    }

    /// As [StateTable#snapshot].
    TableSnapshot snapshot(Runnable onProgress) throws IOException {
        checkOpen();
        ColdTier disk = requireCold();
        Eviction evicting = eviction;
        if (evicting == null) {
            throw new IllegalStateException("this table has no place on disk");
        }
        finishSnapshot();
        disk.takeInEnded();
        boolean whole = !beyondMemory && disk.isWholeWorthIt();
        source.keep();
        int index = 2 + source.held() / HELD_PER_INDEX_PAGE;
        long[] staging = stagingPages();
        if (staging.length < STAGING_PAGES_MIN || source.keptCount() <= index) {
            for (long page : staging) {
                source.release(page);
            }
            TableRuns runs = evicting.standBack(new DirectSnapshot(this, disk), whole);
            return TableSnapshot.done(this, disk, runs);
        }
        KeptPages kept = handOver(Math.max(index, source.keptCount() - 1), false);
        boolean filtered = beyondMemory;
        long entries = (long) pages.count() * RecordPages.PAGE_BYTES / BYTES_PER_ENTRY;
        SnapshotRun run =
                new SnapshotRun(
                        this,
                        () -> disk.begin(entries, !whole, filtered, kept),
                        staging,
                        disk.snapshots(),
                        onProgress);
        int before = phase;
        phase = 3 - phase;
        savingWith = kept;
        TableSnapshot begun =
                TableSnapshot.begin(this, disk, whole, before, phase, ++snapshots, run);
        saving = begun;
        return begun;
    }

    /// Pages to copy records to that are to be written; few or none if there are none for nothing.
    private long[] stagingPages() {
        long[] staging = new long[STAGING_PAGES_MAX];
        int count = 0;
        while (source.held() >= STAGING_PAGES_MIN && count < staging.length) {
            long page = source.tryAllocate();
            if (page == 0) {
                break;
            }
            staging[count++] = page;
        }
        return Arrays.copyOf(staging, count);
    }

    /// Completes the snapshot under way, if there is one.
    void finishSnapshot() {
        TableSnapshot under = saving;
        if (under != null) {
            under.finish();
        }
    }

    /// A snapshot has ended: its pages come back.
    void endSnapshot(long[] staging, long[] undo) {
        saving = null;
        for (long page : staging) {
            source.release(page);
        }
        for (long page : undo) {
            source.release(page);
        }
        KeptPages kept = savingWith;
        savingWith = null;
        if (kept != null) {
            takeBack(kept);
        }
        source.keep();
    }

    /// Marks everything as changed.
    void markAll() {
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            directory.partitionAt(at).setUndo(0);
            long page = Directory.firstOf(directory.entryAt(at));
            for (; page != 0; page = IndexPage.next(page)) {
                for (long slot = page; slot < page + IndexPage.HEADER; slot += 8) {
                    if (getLong(slot) != 0) {
                        long record = addressAt(slot);
                        putLong(record, RecordHeader.withDirty(getLong(record), phase));
                    }
                }
            }
        }
    }

    /// Takes the tombstones out of a range of which the disk says that the keys were removed.
    void forgetRemoved(long routing) {
        Partition partition = directory.partition(routing);
        if (!partition.isEntombed() || iterations != 0) {
            return;
        }
        boolean left = false;
        for (long page = directory.firstPage(routing); page != 0; page = IndexPage.next(page)) {
            for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
                if (getLong(at) != 0 && RecordHeader.isTombstone(getLong(addressAt(at)))) {
                    if (RecordHeader.dirty(getLong(addressAt(at))) == 0) {
                        takeOut(at, routing);
                    } else {
                        left = true;
                    }
                }
            }
        }
        partition.setEntombed(left);
        if (isWorthCompacting(routing)) {
            compact(routing);
        }
    }

    long tryAllocatePage() {
        return source.tryAllocate();
    }

    /// Lets the snapshot under way keep what a record says before it changes or goes.
    private void preserve(long record, long header, long routing) {
        TableSnapshot under = saving;
        if (under != null) {
            under.preserve(record, header, routing);
        }
    }

    /// Begins with the runs of a checkpoint; only when nothing was put yet.
    ///
    /// @throws IOException if a run cannot be read, or is another state's
    void begin(SavedRuns saved) throws IOException {
        if (saved.slices().isEmpty()) {
            return;
        }
        ColdTier disk = requireCold();
        disk.open(saved);
        beyondMemory = true;
        try {
            boolean begun = false;
            while (!begun) {
                begun = !directory.isEmpty();
                hasSlotFor(0);
            }
            source.keep();
            if (saved.loaded() && isLoaded(disk)) {
                beyondMemory = false;
                for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
                    directory.partitionAt(at).setCold(false);
                }
            }
        } finally {
            releaseSpares();
        }
    }

    /// Brings everything on disk to memory, until there is no page for nothing any more.
    private boolean isLoaded(ColdTier disk) throws IOException {
        try (RunScan all = disk.scan(0, -1)) {
            while (all.next()) {
                looked.set(all);
                all.readValue(fetched);
                boolean inserted = false;
                while (!inserted) {
                    int pages = LargeRecords.pagesFor((long) looked.length() + fetched.length());
                    if (!hasSparesForNothing(LOADING_SPARES + pages)) {
                        return false;
                    }
                    inserted = insert(looked, fetched.array(), 0, fetched.length(), FETCHED);
                }
            }
        }
        return true;
    }

    /// Bytes that go with a record.
    int bytesOf(long record) {
        return RecordHeader.isLarge(getLong(record))
                ? LargeRecords.RECORD_BYTES
                        + LargeRecords.pageCount(record) * RecordPages.PAGE_BYTES
                : roomOf(record);
    }

    /// The whole routing of a record, by its slot and its key.
    long routingOf(long slot, long record) {
        readKey(record, scratch);
        return StateKey.route(
                routing,
                routing.keyGroup(slot),
                RecordHeader.kind(getLong(record)),
                scratch.array(),
                scratch.length());
    }

    int group(long slotOrRouting) {
        return routing.keyGroup(slotOrRouting);
    }

    /// Whether memory has a record or a tombstone for an entry of disk.
    boolean isInMemory(RunScan disk) {
        looked.set(disk);
        return search(looked) != 0;
    }

    // ---- splitting and merging

    /// Divides the range of a routing in two; or takes memory for it and does nothing else.
    private void split(long routing) {
        long page = directory.entry(routing);
        Partition lower = directory.partition(routing);
        int newDepth = IndexPage.depth(page) + 1;
        long bit = 1L << (64 - newDepth);
        if (!hasSpares(1 + pagesToMove(page, bit))) {
            return;
        }
        changes++;
        long added = formatted(spares[--spareCount], newDepth);
        Partition upper = new Partition();
        upper.setCold(lower.isCold());
        moveRecords(page, bit, lower, upper);
        IndexPage.split(page, added, bit, pages);
        IndexPage.setDepth(page, newDepth);
        if (saving != null) {
            saving.divided(bit, lower, upper);
        }
        upper.setEntombed(lower.isEntombed());
        directory.split(routing, added, upper);
        compact(routing & -bit & ~bit);
    }

    /// How many pages the records of the slots with `bit` take at most when they are moved.
    private int pagesToMove(long page, long bit) {
        long bytes = 0;
        int largest = 0;
        for (long at = page; at < page + IndexPage.HEADER; at += 8) {
            long slot = getLong(at);
            if ((slot & bit) != 0) {
                int moved = roomOf(pages.address(IndexPage.ref(slot)));
                largest = Math.max(largest, moved);
                bytes += moved;
            }
        }
        return bytes == 0 ? 0 : (int) (bytes / (RecordPages.PAGE_BYTES - largest + 8)) + 1;
    }

    /// Copies the records of the slots with `bit` to the pages of another partition.
    private void moveRecords(long page, long bit, Partition from, Partition to) {
        for (long at = page; at < page + IndexPage.HEADER; at += 8) {
            long slot = getLong(at);
            if ((slot & bit) != 0) {
                long record = pages.address(IndexPage.ref(slot));
                int bytes = roomOf(record);
                if (!to.fits(bytes)) {
                    to.addPage(pages.add(spares[--spareCount]));
                }
                long ref = to.take(bytes);
                PageAccess.copy(record, pages.address(ref), bytes);
                from.drop(bytes);
                if (RecordHeader.isLarge(getLong(record))) {
                    int count = LargeRecords.pageCount(record);
                    from.addLargePages(-count);
                    to.addLargePages(count);
                }
                IndexPage.setRef(at, ref);
            }
        }
    }

    /// Gives back what removals in the range of a routing may have made superfluous.
    private void shrink(long routing) {
        if (directory.entry(routing) < 0) {
            dropEmptyOfChain(routing);
        }
        boolean merged;
        do {
            if (isWorthCompacting(routing)) {
                compact(routing);
            }
            merged = directory.entry(routing) > 0 && mergeWithBuddy(routing);
        } while (merged);
    }

    private void dropEmptyOfChain(long routing) {
        long first = directory.firstPage(routing);
        long before = first;
        for (long page = IndexPage.next(first); page != 0; page = IndexPage.next(before)) {
            if (IndexPage.count(page) == 0) {
                IndexPage.setNext(before, IndexPage.next(page));
                source.release(page);
            } else {
                before = page;
            }
        }
        directory.setChained(routing, IndexPage.next(first) != 0);
    }

    private boolean mergeWithBuddy(long routing) {
        long page = directory.entry(routing);
        int depth = IndexPage.depth(page);
        if (depth == 0 || saving != null) {
            return false;
        }
        long bit = 1L << (64 - depth);
        long buddy = directory.entry(routing ^ bit);
        Partition kept = directory.partition(routing & ~bit);
        Partition gone = directory.partition(routing | bit);
        if (buddy < 0
                || IndexPage.depth(buddy) != depth
                || IndexPage.count(page) + IndexPage.count(buddy) > MERGED_COUNT_MAX
                || kept.pageCount() + gone.pageCount() > MERGED_PAGES_MAX
                || kept.largePages() + gone.largePages() > PARTITION_LARGE_PAGES_MAX / 2) {
            return false;
        }
        long lower = (routing & bit) == 0 ? page : buddy;
        long upper = (routing & bit) == 0 ? buddy : page;
        if (!IndexPage.merge(lower, upper, bit, pages)) {
            return false;
        }
        changes++;
        kept.absorb(gone);
        IndexPage.setDepth(lower, depth - 1);
        directory.merge(routing, lower, kept);
        source.release(upper);
        return true;
    }

    // ---- iterating

    /// Takes the records of a table one after the other.
    interface Visitor {
        /// @param group the key group
        /// @param value empty unless values were asked for
        void visit(int group, ByteSlot key, ByteSlot value);
    }

    /// Calls `visitor` with each live record of a kind. Records may be changed and removed
    /// meanwhile, and keys of other kinds added; what is removed before its turn is not visited.
    ///
    /// @param values whether values are wanted
    void forEach(int kind, boolean values, Visitor visitor) {
        if (directory.isEmpty()) {
            return;
        }
        iterations++;
        try {
            TableWalk walk = new TableWalk(this, kind, values, visitor);
            for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
                Partition partition = directory.partitionAt(at);
                partition.pin(1);
                try {
                    if (partition.isCold()) {
                        walk.rangeWithDisk(at, requireCold());
                    } else {
                        walk.range(at);
                    }
                } finally {
                    partition.pin(-1);
                }
            }
        } finally {
            endIteration();
        }
    }

    private void endIteration() {
        if (--iterations == 0 && entombed && (cold == null || cold.isEmpty())) {
            entombed = false;
            for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
                long page = Directory.firstOf(directory.entryAt(at));
                for (; page != 0; page = IndexPage.next(page)) {
                    dropTombstones(page, directory.routingAt(at));
                }
            }
            for (int at = 0; at < directory.length(); ) {
                long routing = directory.routingAt(at);
                shrink(routing);
                at = directory.positionAfter(directory.positionOf(routing));
            }
        }
    }

    /// From the back, since a removal pulls only slots from behind into the gap.
    private void dropTombstones(long page, long routing) {
        for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
            if (getLong(at) != 0 && RecordHeader.isTombstone(getLong(addressAt(at)))) {
                takeOut(at, routing);
            }
        }
    }

    // ---- ending

    /// Throws if the table was closed.
    void checkOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "this table was closed and its pages were given back: open another one");
        }
    }

    /// Gives all pages back for good. Closing again does nothing.
    void close() {
        if (!closed) {
            clear();
            closed = true;
            source.end();
        }
    }

    void clear() {
        changes++;
        checkOpen();
        if (iterations != 0) {
            throw new IllegalStateException(
                    "cannot clear or close a table while it is being iterated: do it when the"
                            + " iteration has ended");
        }
        if (saving != null) {
            saving.abort();
        }
        if (!directory.isEmpty()) {
            for (int at = 0; at < directory.length(); ) {
                int after = directory.positionAfter(at);
                for (long page = Directory.firstOf(directory.entryAt(at)); page != 0; ) {
                    long next = IndexPage.next(page);
                    source.release(page);
                    page = next;
                }
                at = after;
            }
        }
        directory.clear();
        size = 0;
        beyondMemory = false;
        pages.clear();
        source.releaseKept();
        if (cold != null) {
            cold.clear();
        }
    }
}
