package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.run.RunScan;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
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

    final RecordPages pages;
    final LargeRecords large;
    final RecordContent content;
    final Directory directory = new Directory();
    private final HeldPages source;
    private final @Nullable ColdTier cold;
    private final @Nullable Eviction eviction;
    private final KeyRouting routing;
    private final Compaction compaction;
    private final Spares spares;
    private final RangeSplits splits;
    private final TableIteration iteration;
    final Snapshots snapshots;
    private final Prefetch prefetch = new Prefetch(this);
    private final LongToIntFunction room;
    private final ByteSlot scratch = new ByteSlot();
    private final ByteSlot fetched = new ByteSlot();
    private final StateKey looked;
    private final byte[] nothing = new byte[0];
    private long size;
    private long changes;

    /// The routing of what must stay in memory during a call.
    private long guarded;

    private boolean guards;

    /// Whether keys may be on disk and not in memory.
    private boolean beyondMemory;

    private boolean closed;

    /// @param routing that of the keys
    /// @param growable whether values are appended to: their room then grows by a quarter at a time
    /// @param cold where records go that do not fit, null if nowhere
    RecordTable(PageSource source, KeyRouting routing, boolean growable, @Nullable ColdTier cold) {
        this.source = new HeldPages(source, cold != null);
        this.routing = routing;
        this.looked = new StateKey(routing);
        this.cold = cold;
        this.eviction = cold == null ? null : new Eviction(this, cold);
        this.pages = new RecordPages(this.source);
        this.large = new LargeRecords(pages);
        this.content = new RecordContent(large, growable);
        this.room = content::roomOf;
        this.compaction = new Compaction(pages);
        this.spares = new Spares(this.source, pages, eviction, cold);
        this.splits = new RangeSplits(this, spares);
        this.iteration = new TableIteration(this, cold);
        this.snapshots = new Snapshots(this, this.source);
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

    /// Addresses of slots have changed.
    void changed() {
        changes++;
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

    /// Copies the value of a key into `out`; false, with `out` as before, if there is none.
    boolean get(StateKey key, ByteSlot out) {
        if (isReadThrough(key)) {
            return requireCold().find(key, out);
        }
        long slot = live(key);
        if (slot == 0) {
            return false;
        }
        content.readValue(addressAt(slot), out);
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
            spares.release();
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
        return iteration.isUnderWay() && isColdOnly(key);
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
        if (iteration.isUnderWay() && isColdOnly(key)) {
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
            spares.release();
        }
    }

    private long dirty() {
        return RecordHeader.withDirty(0, snapshots.phase());
    }

    /// Sets a value of which the record has the room; false, with nothing changed, if not.
    private boolean overwrite(long slot, long routing, byte[] value, int offset, int length) {
        long record = addressAt(slot);
        snapshots.preserve(record, getLong(record), routing);
        long header = getLong(record);
        if ((header & (RecordHeader.LARGE | RecordHeader.TOMBSTONE)) != 0) {
            return overwriteLarge(record, header, value, offset, length);
        }
        int before = RecordHeader.valueLength(header);
        int keyEnd = RecordHeader.BYTES + RecordHeader.keyLength(header);
        if (before != length) {
            if (keyEnd + length > RecordHeader.INLINE_MAX
                    || content.roomFor(keyEnd + before) != content.roomFor(keyEnd + length)) {
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
        if (snapshots.isUnderWay()) {
            snapshots.preserve(record, getLong(record), routingOf(getLong(slot), record));
        }
        long header = getLong(record);
        markAt(record, header);
        if (RecordHeader.isLarge(header)) {
            large.overwriteValue(record, at, bytes, offset, length);
        } else {
            PageAccess.copy(bytes, offset, RecordContent.valueAddress(record, header) + at, length);
        }
    }

    private long mark(long header) {
        return RecordHeader.withDirty(header, snapshots.phase())
                | (cold == null ? 0 : RecordHeader.USED);
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
            spares.release();
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
        int before = RecordContent.valueLength(record);
        RecordContent.checkLength((long) before + length);
        if (RecordHeader.isLarge(header)) {
            int more = LargeRecords.pagesToAppend(record, length);
            if (!spares.has(more)) {
                return false;
            }
            snapshots.preserve(record, header, key.route());
            markAt(record, getLong(record));
            int from = spares.takeSome(more);
            large.append(record, bytes, offset, length, spares.array(), from);
            directory.partition(key.route()).addLargePages(more);
            return true;
        }
        int keyEnd = RecordHeader.BYTES + key.length();
        if (keyEnd + (long) before + length <= RecordHeader.INLINE_MAX
                && content.roomFor(keyEnd + before) == content.roomFor(keyEnd + before + length)) {
            snapshots.preserve(record, header, key.route());
            putLong(record, RecordHeader.withValueLength(mark(header), before + length));
            PageAccess.copy(bytes, offset, record + keyEnd + before, length);
            return true;
        }
        byte[] joined = scratch.resize(before + length);
        content.readValue(record, 0, joined, 0, before);
        System.arraycopy(bytes, offset, joined, before, length);
        return rewrite(slot, key, joined, 0, before + length, 0);
    }

    /// Adds a record for a key that is not there; false, with the keys as before, if it has taken
    /// memory first.
    private boolean insert(StateKey key, byte[] value, int offset, int length, long flags) {
        checkOpen();
        if (iteration.isUnderWay() && counts(key.kind(), flags) && RecordHeader.dirty(flags) != 0) {
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
        snapshots.preserve(before, getLong(before), key.route());
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
        if (RecordContent.isLarge(keyLength, length)) {
            return createLarge(partition, key, value, offset, length, flags);
        }
        int bytes = content.roomFor(RecordHeader.BYTES + keyLength + length);
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
        if (!hasRoom(partition, key.route(), LargeRecords.RECORD_BYTES) || !spares.has(count)) {
            return 0;
        }
        long ref = partition.take(LargeRecords.RECORD_BYTES);
        int from = spares.takeSome(count);
        large.create(
                pages.address(ref),
                RecordHeader.ofLarge(key.route(), key.kind()) | flags,
                key,
                value,
                offset,
                length,
                spares.array(),
                from);
        partition.addLargePages(count);
        return ref;
    }

    /// Gives up what a record takes.
    private void drop(long record, Partition partition) {
        if (RecordHeader.isLarge(getLong(record))) {
            partition.addLargePages(-LargeRecords.pageCount(record));
            large.release(record);
        }
        partition.drop(content.roomOf(record));
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
            snapshots.preserve(gone, getLong(gone), key.route());
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
        if (cold == null || cold.isEmpty() && !snapshots.isUnderWay()) {
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
        boolean older = snapshots.isUnderWay() || disk.mayContain(key);
        try {
            while (true) {
                long slot = find(key);
                boolean live = slot != 0 && !RecordHeader.isTombstone(getLong(addressAt(slot)));
                boolean known = slot != 0 || !isColdOnly(key);
                if (!live && (known || !older)) {
                    return false;
                }
                if (live && (!older || iteration.isUnderWay())) {
                    // An iteration has a mark left in any case, which takes no memory.
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
            spares.release();
        }
    }

    /// Removes the key of a slot. While the table is iterated it leaves a tombstone instead, since
    /// slots must stay where they are; those go when the iteration ends.
    void remove(long slot, long routing) {
        long record = addressAt(slot);
        long header = getLong(record);
        size -= counts(RecordHeader.kind(header), header) ? 1 : 0;
        snapshots.preserve(record, header, routing);
        if (iteration.isUnderWay()) {
            putLong(record, mark(header) | RecordHeader.TOMBSTONE);
            directory.partition(routing).setEntombed(true);
            iteration.leftTombstone();
            return;
        }
        long page = IndexPage.pageOf(slot);
        takeOut(slot, routing);
        if ((IndexPage.count(page) & 63) == 0) {
            splits.shrink(routing);
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
            splits.split(routing);
            return false;
        }
        if (!spares.has(1)) {
            return false;
        }
        partition.addPage(pages.add(spares.take()));
        return true;
    }

    /// Whether the index has a place for a new key; else takes a page for it, or splits one.
    private boolean hasSlotFor(long routing) {
        long entry = directory.entry(routing);
        if (entry == 0) {
            if (spares.has(1)) {
                Partition first = new Partition();
                first.setCold(beyondMemory);
                directory.begin(formatted(spares.take(), 0), first);
            }
            return false;
        }
        boolean full = directory.partition(routing).largePages() > RangeSplits.LARGE_PAGES_MAX;
        if (!full || !canSplit(routing)) {
            for (long page = Directory.firstOf(entry); page != 0; page = IndexPage.next(page)) {
                if (IndexPage.hasRoom(page, routing)) {
                    return true;
                }
            }
        }
        if (canSplit(routing)) {
            splits.split(routing);
        } else if (spares.has(1)) {
            long first = Directory.firstOf(entry);
            long added = formatted(spares.take(), IndexPage.depth(first));
            IndexPage.setNext(added, IndexPage.next(first));
            IndexPage.setNext(first, added);
            directory.setChained(routing, true);
        }
        return false;
    }

    private boolean canSplit(long routing) {
        return !iteration.isUnderWay() && directory.canSplit(routing);
    }

    private static long formatted(long page, int depth) {
        IndexPage.format(page, depth);
        return page;
    }

    boolean isWorthCompacting(long routing) {
        Partition partition = directory.partition(routing);
        return partition.isWorthCompacting()
                || partition.pageCount() > 0 && IndexPage.isEmpty(directory.firstPage(routing));
    }

    void compact(long routing) {
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
        if (!iteration.isUnderWay()) {
            splits.shrink(routing);
        } else if (isWorthCompacting(routing)) {
            compact(routing);
        }
    }

    /// Whether memory has every key, whatever there is on disk.
    boolean isAllInMemory() {
        return !beyondMemory;
    }

    boolean isIterated() {
        return iteration.isUnderWay();
    }

    // ---- checkpoints

    boolean isSavedAsRuns(int pages) {
        return cold != null && (beyondMemory || source.held() >= pages);
    }

    /// As [StateTable#snapshot].
    TableSnapshot snapshot(Runnable onProgress) throws IOException {
        checkOpen();
        ColdTier disk = requireCold();
        return snapshots.begin(disk, Objects.requireNonNull(eviction), onProgress);
    }

    void finishSnapshot() {
        snapshots.finish();
    }

    long tryAllocatePage() {
        return source.tryAllocate();
    }

    void releasePage(long page) {
        source.release(page);
    }

    /// Begins with the runs of a checkpoint; only when nothing was put yet.
    ///
    /// @throws IOException if a run cannot be read, or is another state's; whatever is thrown, the
    ///   table is closed
    void begin(SavedRuns saved) throws IOException {
        if (!saved.slices().isEmpty()) {
            beyondMemory = true;
            boolean begun = false;
            try {
                beyondMemory = !new TableStart(this, requireCold()).begin(saved);
                begun = true;
            } finally {
                spares.release();
                if (!begun) {
                    close();
                }
            }
        }
    }

    /// Makes the first range, if there is none.
    void beginDirectory() {
        while (directory.isEmpty()) {
            hasSlotFor(0);
        }
        source.keep();
    }

    StateKey newKey() {
        return new StateKey(routing);
    }

    /// Brings a record from disk to memory if there are pages for it without waiting for anybody.
    /// Some stay at hand for the next.
    boolean insertForNothing(StateKey key, ByteSlot value) {
        int pagesOfOne = LargeRecords.pagesFor((long) key.length() + value.length());
        boolean inserted = false;
        while (!inserted) {
            if (!spares.hasForNothing(LOADING_SPARES + pagesOfOne)) {
                return false;
            }
            inserted = insert(key, value.array(), 0, value.length(), FETCHED);
        }
        return true;
    }

    /// The whole routing of a record, by its slot and its key.
    long routingOf(long slot, long record) {
        content.readKey(record, scratch);
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
        iteration.forEach(kind, values, visitor);
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
        if (iteration.isUnderWay()) {
            throw new IllegalStateException(
                    "cannot clear or close a table while it is being iterated: do it when the"
                            + " iteration has ended");
        }
        snapshots.abort();
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
