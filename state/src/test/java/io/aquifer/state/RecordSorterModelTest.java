package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.Rung;
import io.aquifer.state.spill.SpillException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/// Random calls on a [RecordSorter] against a list that is sorted by [List#sort], which is stable.
///
/// Goal: every pass gives every record in the model's order, whatever pages and disk refuse; a call
/// that throws changes nothing; nothing is held and no file is open in the end.
class RecordSorterModelTest {
    private static final int FLOOR = RecordSorter.FLOOR_PAGES;

    /// By the first byte alone, so that many records are equal and only stability orders them.
    private static final RecordOrder<byte[]> BY_FIRST_BYTE =
            new RecordOrder<>() {
                @Override
                public byte[] decode(byte[] bytes, int offset, int length) {
                    return Arrays.copyOfRange(bytes, offset, offset + length);
                }

                @Override
                public int compare(byte[] a, byte[] b) {
                    return Integer.compare(first(a), first(b));
                }
            };

    private static int first(byte[] record) {
        return record.length == 0 ? -1 : record[0] & 0xFF;
    }

    private static RecordSorter<byte[]> sorter(TestPages pages, MemorySpill disk) {
        return new RecordSorter<>(pages, pages.leaseHeap(), "flights / sort", disk, BY_FIRST_BYTE);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_anyBudget_giveTheModelsOrder(long seed) {
        for (int pages : new int[] {FLOOR, FLOOR + 1, 7, 12, 40, 2_000}) {
            SplittableRandom random = new SplittableRandom(seed + pages);
            MemorySpill disk = new MemorySpill();
            List<byte[]> model = new ArrayList<>();
            try (TestPages source = new TestPages(pages)) {
                try (RecordSorter<byte[]> sorter = sorter(source, disk)) {
                    for (int step = 0; step < 6_000; step++) {
                        step(random, sorter, model);
                        assertThat(sorter.size()).isEqualTo(model.size());
                        assertThat(source.held()).isEqualTo(sorter.pageCount());
                        assertThat(source.heapHeld())
                                .isEqualTo(
                                        sorter.pageCount() == 0 ? 0 : RecordSorter.WORKING_BYTES);
                        assertThat(sorter.reclaimableBytes())
                                .isEqualTo(Math.max(0, source.held() - FLOOR) * 32_768L);
                    }
                    assertSorted(sorter, model);
                    assertThat(disk.bytesWritten > 0).as("spilled").isTrue();
                }
                assertThat(disk.open).as("open files").isEmpty();
            }
        }
    }

    private static void step(
            SplittableRandom random, RecordSorter<byte[]> sorter, List<byte[]> model) {
        int choice = random.nextInt(2_000);
        if (choice < 1_980) {
            byte[] record = record(random);
            sorter.add(record, 0, record.length);
            model.add(record);
        } else if (choice < 1_985) {
            sorter.reclaim(1 + random.nextInt(20) * 32_768L);
        } else if (choice < 1_990) {
            assertSorted(sorter, model);
        } else if (choice < 1_998) {
            readSome(random, sorter, model);
        } else {
            sorter.clear();
            model.clear();
        }
    }

    /// Breaks off in the middle.
    private static void readSome(
            SplittableRandom random, RecordSorter<byte[]> sorter, List<byte[]> model) {
        List<byte[]> expected = sorted(model);
        try (SortedRecords<byte[]> pass = sorter.sorted()) {
            int count = random.nextInt(model.size() + 1);
            for (int i = 0; i < count; i++) {
                assertThat(pass.advance()).isTrue();
                Bytes.assertSame(pass.record(), expected.get(i));
                assertThat(sorter.reclaimableBytes()).isZero();
                sorter.reclaim(1 << 20);
            }
        }
    }

    private static byte[] record(SplittableRandom random) {
        int kind = random.nextInt(1_000);
        int length =
                kind < 50
                        ? 0
                        : kind < 950
                                ? random.nextInt(60)
                                : kind < 998 ? random.nextInt(9_000) : random.nextInt(300_000);
        byte[] record = new byte[length];
        random.nextBytes(record);
        return record;
    }

    private static List<byte[]> sorted(List<byte[]> model) {
        List<byte[]> sorted = new ArrayList<>(model);
        sorted.sort(BY_FIRST_BYTE::compare);
        return sorted;
    }

    private static void assertSorted(RecordSorter<byte[]> sorter, List<byte[]> model) {
        SortedRecords<byte[]> pass = sorter.sorted();
        for (byte[] expected : sorted(model)) {
            assertThat(pass.advance()).isTrue();
            Bytes.assertSame(pass.record(), expected);
        }
        assertThat(pass.advance()).isFalse();
        assertThat(pass.advance()).isFalse();
    }

    /// The records of the failure tests: enough for several runs and passes, with a record larger
    /// than all memory.
    private static List<byte[]> records() {
        SplittableRandom random = new SplittableRandom(11);
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            byte[] record = new byte[i == 50 ? 400_000 : random.nextInt(9_000)];
            random.nextBytes(record);
            records.add(record);
        }
        return records;
    }

    @Test
    void everyCall_anyDiskCallFails_saysSoAndLosesNothing() {
        List<byte[]> records = records();
        int failures = 0;
        for (int nth = 1; ; nth++) {
            MemorySpill disk = new MemorySpill();
            try (TestPages source = new TestPages(FLOOR)) {
                try (RecordSorter<byte[]> sorter = sorter(source, disk)) {
                    disk.fail(nth);
                    for (byte[] record : records) {
                        addAgainIfRefused(sorter, record, source);
                    }
                    sortAndMaybeFail(sorter, records, source);
                    disk.failNothing();
                    assertSorted(sorter, records);
                }
                assertThat(disk.open).as("open files").isEmpty();
                if (!disk.failed) {
                    break;
                }
                failures++;
            }
        }
        assertThat(failures).as("calls of the disk").isGreaterThan(60);
    }

    private static void addAgainIfRefused(
            RecordSorter<byte[]> sorter, byte[] record, TestPages source) {
        long before = sorter.size();
        try {
            sorter.add(record, 0, record.length);
        } catch (SpillException refused) {
            assertThat(refused)
                    .message()
                    .matches(
                            "cannot spill records of 'flights / sort' to /spill: No space left on"
                                + " device, with \\d+\\.\\d MiB of its records there already\\. No"
                                + " record was lost, but the one at hand was not taken\\. Make room"
                                + " there, name another directory with --spill-dir or"
                                + " -Daquifer\\.spill\\.dir=DIR, or give more memory, so that less"
                                + " is spilled\\.");
            assertThat(sorter.size()).isEqualTo(before);
            assertThat(source.held()).isEqualTo(sorter.pageCount());
            sorter.add(record, 0, record.length);
        }
    }

    private static void sortAndMaybeFail(
            RecordSorter<byte[]> sorter, List<byte[]> records, TestPages source) {
        try {
            SortedRecords<byte[]> pass = sorter.sorted();
            try (pass) {
                for (byte[] expected : sorted(records)) {
                    pass.advance();
                    Bytes.assertSame(pass.record(), expected);
                }
            } catch (SpillException refused) {
                assertThatThrownBy(pass::advance)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "cannot read on in this pass over sorted records: it has failed,"
                                        + " see there");
                throw refused;
            }
        } catch (SpillException refused) {
            assertThat(refused)
                    .message()
                    .matches(
                            "cannot (spill records of 'flights / sort' to|read spilled records of"
                                    + " 'flights / sort' back from) /spill: No space left on"
                                    + " device, with .*");
            assertThat(sorter.size()).isEqualTo(records.size());
            assertThat(source.held()).isEqualTo(sorter.pageCount());
        }
    }

    @Test
    void everyCall_anyPageRequestRefused_givesTheModelsOrder() {
        List<byte[]> records = records();
        int refusals = 0;
        for (int nth = 1; ; nth++) {
            MemorySpill disk = new MemorySpill();
            try (TestPages source = new TestPages(60)) {
                try (RecordSorter<byte[]> sorter = sorter(source, disk)) {
                    source.refuse(nth);
                    for (byte[] record : records) {
                        try {
                            sorter.add(record, 0, record.length);
                        } catch (MemoryExhaustedException refused) {
                            // Only the floor is demanded, and nothing was kept of it.
                            assertThat(nth).isLessThanOrEqualTo(FLOOR);
                            assertThat(sorter.pageCount()).isZero();
                            assertThat(source.held()).isZero();
                            sorter.add(record, 0, record.length);
                        }
                    }
                    assertSorted(sorter, records);
                    assertThat(source.held()).isEqualTo(sorter.pageCount());
                }
                assertThat(disk.open).isEmpty();
                if (!source.refused()) {
                    break;
                }
                refusals++;
            }
        }
        assertThat(refusals).as("page requests").isGreaterThan(20);
    }

    @Test
    void add_millionRecordsInThirtyTwoPages_sortsThem() {
        int count = 1_000_000;
        MemorySpill disk = new MemorySpill();
        SplittableRandom random = new SplittableRandom(1);
        long[] oracle = new long[count];
        RecordOrder<Long> order =
                new RecordOrder<>() {
                    @Override
                    public Long decode(byte[] bytes, int offset, int length) {
                        return ByteBuffer.wrap(bytes, offset, length).getLong();
                    }

                    @Override
                    public int compare(Long a, Long b) {
                        return Long.compare(a, b);
                    }
                };
        try (TestPages source = new TestPages(32);
                RecordSorter<Long> sorter =
                        new RecordSorter<>(source, source.leaseHeap(), "million", disk, order)) {
            byte[] bytes = new byte[8];
            for (int i = 0; i < count; i++) {
                oracle[i] = random.nextLong();
                ByteBuffer.wrap(bytes).putLong(oracle[i]);
                sorter.add(bytes, 0, 8);
            }
            Arrays.sort(oracle);
            assertThat(sorter.runCount()).isBetween(10, 32);
            SortedRecords<Long> pass = sorter.sorted();
            for (long expected : oracle) {
                if (!pass.advance() || pass.record() != expected) {
                    throw new AssertionError("expected " + expected + ", was " + pass.record());
                }
            }
            assertThat(pass.advance()).isFalse();
            assertThat(source.held()).isLessThanOrEqualTo(32);
        }
        assertThat(disk.open).isEmpty();
    }

    @Test
    void sorted_moreRunsThanPages_mergesInSeveralPasses() {
        MemorySpill disk = new MemorySpill();
        SplittableRandom random = new SplittableRandom(2);
        List<byte[]> model = new ArrayList<>();
        try (TestPages source = new TestPages(FLOOR);
                RecordSorter<byte[]> sorter = sorter(source, disk)) {
            for (int i = 0; i < 3_000; i++) {
                byte[] record = new byte[1_000];
                random.nextBytes(record);
                sorter.add(record, 0, record.length);
                model.add(record);
            }
            assertThat(sorter.runCount()).isGreaterThan(FLOOR * FLOOR);
            assertSorted(sorter, model);
            assertThat(sorter.runCount()).isLessThanOrEqualTo(FLOOR);
            assertThat(disk.bytesWritten).isGreaterThan(3 * 3_000_000L);
            assertThat(disk.open).hasSize(1);
            assertSorted(sorter, model);
        }
    }

    @Test
    void sorted_hugeRecords_mergesTwoAtATime() {
        MemorySpill disk = new MemorySpill();
        SplittableRandom random = new SplittableRandom(8);
        List<byte[]> model = new ArrayList<>();
        try (TestPages source = new TestPages(6);
                RecordSorter<byte[]> sorter = sorter(source, disk)) {
            for (int i = 0; i < 5; i++) {
                byte[] record = new byte[(6 << 20) + i];
                random.nextBytes(record);
                sorter.add(record, 0, record.length);
                model.add(record);
            }
            assertThat(sorter.runCount()).isEqualTo(5);
            assertSorted(sorter, model);
            assertThat(sorter.runCount()).isEqualTo(2);
        }
    }

    /// The floor and the working bytes, or nothing.
    @Test
    void add_noHeapToWorkIn_isRefusedAndChangesNothing() {
        try (TestPages source = new TestPages(100, RecordSorter.WORKING_BYTES - 1);
                RecordSorter<byte[]> sorter = sorter(source, new MemorySpill())) {
            assertThatThrownBy(() -> sorter.add(new byte[10], 0, 10))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageStartingWith(
                            "cannot allocate 1.3 MiB for 'state test / objects': pool"
                                    + " 'managed-heap' has");
            assertThat(sorter.size()).isZero();
            assertThat(source.held()).isZero();
            assertThat(source.heapHeld()).isZero();
        }
    }

    /// Twenty runs whose first records fit on the heap by seven, two, or not even that.
    @Test
    void sorted_littleHeapForFirstRecords_mergesFewerRunsOrSaysSo() {
        int length = 100_000;
        for (int fit : new int[] {7, 2, 1}) {
            SplittableRandom random = new SplittableRandom(fit);
            List<byte[]> model = new ArrayList<>();
            long heap = RecordSorter.WORKING_BYTES + 2L * fit * length;
            try (TestPages source = new TestPages(20, heap);
                    RecordSorter<byte[]> sorter = sorter(source, new MemorySpill())) {
                for (int i = 0; i < 100; i++) {
                    byte[] record = new byte[length];
                    random.nextBytes(record);
                    sorter.add(record, 0, length);
                    model.add(record);
                }
                assertThat(sorter.runCount()).isGreaterThan(15);
                if (fit == 1) {
                    assertThatThrownBy(sorter::sorted)
                            .isInstanceOf(MemoryExhaustedException.class)
                            .hasMessageStartingWith("cannot allocate 390.6 KiB for");
                    assertThat(sorter.size()).isEqualTo(100);
                } else {
                    try (SortedRecords<byte[]> pass = sorter.sorted()) {
                        assertThat(pass.advance()).isTrue();
                        assertThat(sorter.runCount()).isLessThanOrEqualTo(fit);
                        assertThat(source.heapHeld())
                                .isBetween(RecordSorter.WORKING_BYTES + 2L * length, heap);
                    }
                    assertSorted(sorter, model);
                }
                assertThat(source.heapHeld()).isEqualTo(RecordSorter.WORKING_BYTES);
            }
        }
    }

    @Test
    void reclaim_spillsAndGivesBackAllButTheFloor() {
        MemorySpill disk = new MemorySpill();
        List<byte[]> model = new ArrayList<>();
        try (TestPages source = new TestPages(100);
                RecordSorter<byte[]> sorter = sorter(source, disk)) {
            sorter.reclaim(1);
            assertThat(sorter.rung()).isEqualTo(Rung.SPILL);
            assertThat(sorter.reclaimableBytes()).isZero();
            for (int i = 0; i < 2_000; i++) {
                byte[] record = new byte[1_000];
                record[0] = (byte) (i * 7);
                sorter.add(record, 0, record.length);
                model.add(record);
            }
            int before = sorter.pageCount();
            assertThat(sorter.reclaimableBytes()).isEqualTo((before - FLOOR) * 32_768L);
            sorter.reclaim(3 * 32_768L - 1);
            assertThat(source.held()).isEqualTo(before - 3);
            assertThat(sorter.runCount()).isEqualTo(1);
            sorter.reclaim(2 * 32_768L);
            assertThat(source.held()).isEqualTo(before - 5);
            assertThat(sorter.runCount()).as("empty pages go first").isEqualTo(1);
            sorter.reclaim(Long.MAX_VALUE);
            assertThat(source.held()).isEqualTo(FLOOR);
            assertThat(sorter.reclaimableBytes()).isZero();
            assertSorted(sorter, model);
        }
    }

    @Test
    void reclaim_diskRefuses_keepsTheRecordsAndTellsTheNextCallThatNeedsTheDisk() {
        MemorySpill disk = new MemorySpill();
        List<byte[]> model = new ArrayList<>();
        try (TestPages source = new TestPages(20);
                RecordSorter<byte[]> sorter = sorter(source, disk)) {
            byte[] record = new byte[20_000];
            while (source.held() < 20) {
                sorter.add(record, 0, record.length);
                model.add(record);
            }
            disk.failAlways();
            sorter.reclaim(1);
            assertThat(source.held()).isEqualTo(20);
            assertThat(sorter.reclaimableBytes()).as("not asked again").isZero();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    sorter.add(record, 0, record.length);
                                    model.add(record);
                                }
                            })
                    .isInstanceOf(SpillException.class)
                    .hasMessageContaining("No space left on device, with 0.0 MiB of its records");
            assertThat(disk.open).isEmpty();
            assertSorted(sorter, model);
            disk.failNothing();
            sorter.add(record, 0, record.length);
            model.add(record);
            assertThat(sorter.runCount()).isEqualTo(1);
            assertThat(sorter.reclaimableBytes()).isEqualTo((20 - FLOOR) * 32_768L);
            assertSorted(sorter, model);
        }
    }

    @Test
    void comparator_thatThrows_leavesTheSorterAsItWas() {
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        RecordOrder<byte[]> order =
                new RecordOrder<>() {
                    @Override
                    public byte[] decode(byte[] bytes, int offset, int length) {
                        return BY_FIRST_BYTE.decode(bytes, offset, length);
                    }

                    @Override
                    public int compare(byte[] a, byte[] b) {
                        if (failure.get() != null) {
                            throw failure.get();
                        }
                        return BY_FIRST_BYTE.compare(a, b);
                    }
                };
        MemorySpill disk = new MemorySpill();
        List<byte[]> model = new ArrayList<>();
        try (TestPages source = new TestPages(8);
                RecordSorter<byte[]> sorter =
                        new RecordSorter<>(source, source.leaseHeap(), "x", disk, order)) {
            SplittableRandom random = new SplittableRandom(5);
            failure.set(new IllegalStateException("not comparable"));
            int refused = 0;
            for (int i = 0; i < 400; i++) {
                byte[] record = new byte[3_000];
                random.nextBytes(record);
                try {
                    sorter.add(record, 0, record.length);
                    model.add(record);
                } catch (IllegalStateException expected) {
                    assertThat(expected).isSameAs(failure.get());
                    refused++;
                    if (refused == 3) {
                        failure.set(null);
                    }
                }
                assertThat(sorter.size()).isEqualTo(model.size());
            }
            assertThat(refused).isEqualTo(3);
            SortedRecords<byte[]> pass = sorter.sorted();
            assertThat(pass.advance()).isTrue();
            failure.set(new IllegalStateException("not any more"));
            assertThatThrownBy(pass::advance).isSameAs(failure.get());
            failure.set(null);
            assertSorted(sorter, model);
        }
        assertThat(disk.open).isEmpty();
    }

    @Test
    void damagedFile_isFoundAndNamed() {
        List<byte[]> records = records();
        MemorySpill disk = new MemorySpill();
        try (TestPages source = new TestPages(30);
                RecordSorter<byte[]> sorter = sorter(source, disk)) {
            for (byte[] record : records) {
                sorter.add(record, 0, record.length);
            }
            sorter.reclaim(Long.MAX_VALUE);
            int length = (int) sorter.spilledBytes();
            SplittableRandom random = new SplittableRandom(6);
            for (int i = 0; i < 60; i++) {
                byte[] bytes = disk.open.getFirst().bytes;
                int at = i < 20 ? i : random.nextInt(length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                byte[] damagedBytes = bytes.clone();
                assertThatThrownBy(
                                () -> {
                                    try (SortedRecords<byte[]> pass = sorter.sorted()) {
                                        while (pass.advance()) {
                                            assertThat(pass.record()).isNotNull();
                                        }
                                    }
                                })
                        .isInstanceOf(SpillException.class)
                        .message()
                        .matches(
                                "cannot read spilled records of 'flights / sort' back from /spill:"
                                        + " the block at or before byte [\\d,]+ is damaged: its"
                                        + " checksum is not that of its bytes, with .*");
                assertThat(disk.open.getFirst().bytes).isEqualTo(damagedBytes);
                bytes[at] = repaired(records, bytes, at, sorter);
            }
            assertSorted(sorter, records);
        }
    }

    /// Finds the byte that makes the file whole again.
    private static byte repaired(
            List<byte[]> records, byte[] bytes, int at, RecordSorter<byte[]> sorter) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] ^= (byte) (1 << bit);
            try {
                assertSorted(sorter, records);
                return bytes[at];
            } catch (SpillException stillDamaged) {
                bytes[at] ^= (byte) (1 << bit);
            }
        }
        throw new AssertionError("no single bit makes byte " + at + " whole again");
    }

    @Test
    void misuse_isExplainedAndChangesNothing() {
        AtomicReference<RecordSorter<byte[]>> itself = new AtomicReference<>();
        RecordOrder<byte[]> order =
                new RecordOrder<>() {
                    @Override
                    public byte[] decode(byte[] bytes, int offset, int length) {
                        return BY_FIRST_BYTE.decode(bytes, offset, length);
                    }

                    @Override
                    public int compare(byte[] a, byte[] b) {
                        itself.get().add(a, 0, a.length);
                        return 0;
                    }
                };
        byte[] record = {1};
        try (TestPages source = new TestPages(20)) {
            RecordSorter<byte[]> sorter =
                    new RecordSorter<>(
                            source, source.leaseHeap(), "owner", new MemorySpill(), order);
            itself.set(sorter);
            sorter.add(record, 0, 1);
            SortedRecords<byte[]> pass = sorter.sorted();
            assertThatThrownBy(pass::record)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("there is no record: advance() has not returned true");
            String open =
                    " the sorter 'owner': a pass over its records is open; read it to the end or"
                            + " close it first";
            assertThatThrownBy(() -> sorter.add(record, 0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("cannot add a record to" + open);
            assertThatThrownBy(sorter::sorted).hasMessage("cannot sort" + open);
            assertThatThrownBy(sorter::clear).hasMessage("cannot clear" + open);
            pass.close();
            pass.close();
            assertThatThrownBy(pass::advance)
                    .hasMessage(
                            "cannot read on in this pass over sorted records: it was closed, by"
                                    + " itself or with its sorter");
            sorter.add(record, 0, 1);
            assertThatThrownBy(sorter::sorted)
                    .hasMessage(
                            "cannot add a record to the sorter 'owner': its own comparator asks"
                                    + " for it");
            assertThat(sorter.size()).isEqualTo(2);
            sorter.close();
            sorter.close();
            sorter.reclaim(1);
            assertThat(sorter.reclaimableBytes()).isZero();
            assertThatThrownBy(() -> sorter.add(record, 0, 1))
                    .hasMessage("cannot add a record to the sorter 'owner': it was closed");
        }
    }
}
