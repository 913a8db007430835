package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.file.PlainRun;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/// What the writer refuses, and how small what it writes is.
class RunWriterTest {
    private final TestRunPages pages = new TestRunPages();
    private final MemoryRunFiles files = new MemoryRunFiles();
    private final MemoryRunFiles.MemoryFile file = files.add(new byte[0]);
    private static final byte[] KEY = {1, 2, 3};

    @AfterEach
    void nothingIsHeld() {
        file.release();
        files.close();
        pages.close();
    }

    private RunWriter open(boolean changes) throws IOException {
        return RunWriter.open(
                file, SampleRun.DESCRIPTION, changes, RunOptions.withoutFilter(), pages);
    }

    private static void put(RunWriter out, long routing, int kind, byte[] key) throws IOException {
        out.put(routing, kind, key, 0, key.length, KEY, 0, 3);
    }

    private static void assertOnlyClose(RunWriter out) {
        assertThatThrownBy(() -> put(out, -1, 3, KEY))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("writing run 'run-1' failed before: it can only be closed");
        assertThatThrownBy(out::finish)
                .hasMessage("writing run 'run-1' failed before: it can only be closed");
    }

    @Test
    void put_notAfterTheEntryBefore_isRefusedAndFails() throws IOException {
        long routing = SampleRun.routing(40, 5);
        List<Key> wrong =
                List.of(
                        new Key(routing, 1, KEY),
                        new Key(routing, 1, new byte[] {1, 2}),
                        new Key(routing, 1, new byte[] {0, (byte) 255, 0, 0}),
                        new Key(routing, 0, new byte[] {2}),
                        new Key(routing - 1, 3, new byte[] {2}));
        for (Key entry : wrong) {
            file.content(new byte[0]);
            try (RunWriter out = open(true)) {
                put(out, routing, 1, KEY);
                assertThatThrownBy(() -> put(out, entry.routing(), entry.kind(), entry.bytes()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "run 'run-1': an entry with routing 0x%016x, kind %d and a key of %d bytes does not come after the one with routing 0x5000000000000005, kind 1 and a key of 3 bytes in the same range"
                                        .formatted(
                                                entry.routing(),
                                                entry.kind(),
                                                entry.bytes().length));
                assertOnlyClose(out);
            }
        }
    }

    /// Routings are unsigned, and so are the bytes of keys.
    @Test
    void put_afterTheEntryBefore_isTaken() throws IOException {
        long routing = SampleRun.routing(40, 5);
        RunWriter out = open(true);
        put(out, routing, 1, KEY);
        put(out, routing, 1, new byte[] {1, 2, 3, 0});
        put(out, routing, 1, new byte[] {-1});
        put(out, routing, 2, new byte[0]);
        put(out, -1, 0, new byte[0]);
        out.beginRange();
        put(out, routing - 1, 0, KEY);
        assertThat(out.entries()).isEqualTo(6);
        long before = out.length();
        assertThat(out.finish()).isEqualTo(file.length()).isGreaterThan(before);
        assertThatThrownBy(() -> put(out, -1, 3, KEY))
                .hasMessage("run 'run-1' was finished before: it takes nothing more");
        out.close();
        out.close();
        assertThatThrownBy(out::beginRange)
                .hasMessage("run 'run-1' was closed before: it takes nothing more");
        assertThat(PlainRun.read(file.content()).entries()).hasSize(6);
    }

    @Test
    void finish_aRoutingInTwoRanges_isRefused() throws IOException {
        long routing = SampleRun.routing(40, 5);
        try (RunWriter out = open(true)) {
            put(out, routing, 1, KEY);
            put(out, routing + 9, 1, KEY);
            out.beginRange();
            put(out, routing - 7, 0, KEY);
            put(out, routing, 0, KEY);
            assertThatThrownBy(out::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "run 'run-1' has two ranges for the same routings: from"
                                    + " 0x4ffffffffffffffe to 0x5000000000000005, and from"
                                    + " 0x5000000000000005 to 0x500000000000000e");
            assertOnlyClose(out);
        }
    }

    @Test
    void put_keyGroupOfOthers_isRefusedWhenItsBlockEnds() throws IOException {
        for (int wrong : new int[] {31, 128}) {
            file.content(new byte[0]);
            try (RunWriter out = open(true)) {
                put(out, SampleRun.routing(wrong % 128, 5), 1, KEY);
                assertThatThrownBy(out::beginRange)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "run 'run-1' is of key groups 32 to 127; an entry with routing 0x%016x is of key group %d"
                                        .formatted(SampleRun.routing(wrong % 128, 5), wrong % 128));
                assertOnlyClose(out);
            }
        }
    }

    @Test
    void append_runThatIsWhole_isRefused() throws IOException {
        try (RunWriter out = open(false)) {
            assertThatThrownBy(() -> out.append(-1, 2, KEY, 0, 3, KEY, 0, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "run 'run-1' takes kinds 0 to 3, DELETE without a value, and DELETE and"
                                    + " APPEND only as changes to older runs; this one is APPEND of"
                                    + " kind 2 with a value of 2 bytes, in a run that does not hold"
                                    + " changes");
            assertOnlyClose(out);
        }
        file.content(new byte[0]);
        try (RunWriter out = open(false)) {
            assertThatThrownBy(() -> out.delete(-1, 2, KEY, 0, 3))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        file.content(new byte[0]);
        for (int kind : new int[] {-1, 4}) {
            try (RunWriter out = open(true)) {
                assertThatThrownBy(() -> put(out, -1, kind, KEY))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            file.content(new byte[0]);
        }
        try (RunWriter out = open(true)) {
            assertThatThrownBy(() -> out.begin(EntryOp.DELETE, -1, 0, KEY, 0, 3, 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void valuePart_moreOrLessThanWasSaid_isRefused() throws IOException {
        try (RunWriter out = open(true)) {
            out.begin(EntryOp.PUT, -1, 0, KEY, 0, 3, 5);
            out.valuePart(KEY, 0, 3);
            assertThatThrownBy(() -> out.valuePart(KEY, 0, 3))
                    .hasMessage("a part of 3 bytes of a value, of which 2 are to come");
            assertThatThrownBy(() -> put(out, -1, 3, KEY))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "run 'run-1': 2 bytes are missing of the value of the entry before");
            assertThatThrownBy(out::finish).isInstanceOf(IllegalStateException.class);
            out.valuePart(KEY, 1, 2);
            assertThatThrownBy(() -> out.valuePart(KEY, 0, 1))
                    .hasMessage("a part of 1 bytes of a value, of which 0 are to come");
            out.finish();
        }
    }

    @Test
    void put_lengthsThatAreNone_isRefusedAndChangesNothing() throws IOException {
        try (RunWriter out = open(true)) {
            assertThatThrownBy(() -> out.put(0, 0, KEY, 1, 3, KEY, 0, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> out.put(0, 0, KEY, 0, 3, KEY, 0, 4))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> out.begin(EntryOp.PUT, 0, 0, KEY, 0, 3, -1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> out.put(0, 0, 0L, -1, 0L, 0))
                    .hasMessage("a key or value of a run cannot have -1 bytes");
            put(out, -1, 0, KEY);
            out.finish();
        }
        assertThat(PlainRun.read(file.content()).entries()).hasSize(1);
    }

    /// Fails before anything of the value is written or asked for.
    @Test
    void begin_entryBeyondTheFormat_isRefusedExplained() throws IOException {
        try (RunWriter out = open(true)) {
            assertThatThrownBy(
                            () -> out.begin(EntryOp.PUT, -1, 0, KEY, 0, 3, Integer.MAX_VALUE - 10))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "cannot write an entry of 2,147,483,656 bytes to run 'run-1' of"
                                    + " operator 'sum-é', state 'by day': 2,147,482,623 bytes are"
                                    + " the most. Divide the value into several, such as the"
                                    + " entries of a MapState.");
            assertOnlyClose(out);
        }
    }

    @Test
    void write_diskIsFull_saysWhereAndWhatToDo() throws IOException {
        try (RunWriter out =
                RunWriter.open(
                        file, SampleRun.DESCRIPTION, true, new RunOptions(64, 4096, 0, 0), pages)) {
            files.fail(1, "No space left on device");
            byte[] value = new byte[5000];
            assertThatThrownBy(() -> out.put(-1, 0, KEY, 0, 3, value, 0, 5000))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "cannot write 102 bytes at byte 0 of run 'run-1': No space left on"
                                    + " device. Make room there, or name another directory with"
                                    + " --spill-dir or -Daquifer.spill.dir=DIR.");
            assertOnlyClose(out);
        }
    }

    @Test
    void new_descriptionOrOptionsThatAreNone_isRefused() {
        StateFileHeader header = new StateFileHeader("op", 0, 129, 0, 0);
        StateSection section = SampleRun.DESCRIPTION.section();
        assertThatThrownBy(() -> new RunDescription(header, section, 7))
                .hasMessage(
                        "7 bits of a routing cannot name 129 key groups; 0 to 15 bits can be"
                                + " given");
        assertThatThrownBy(() -> new RunDescription(header, section, 16))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RunOptions(63, 4096, 0, 0))
                .hasMessage("a block of a run has 64 to 65,535 bytes, not 63");
        assertThatThrownBy(() -> new RunOptions(4096, 8191, 0, 0))
                .hasMessage(
                        "a run is written with a buffer of two blocks and 4,096 bytes at least, not"
                                + " 8,191");
        assertThatThrownBy(() -> new RunOptions(64, 4096, 33, 0))
                .hasMessage(
                        "a run's filter has 0 to 32 bits for each of 0 or more entries, not 33 for"
                                + " 0");
        StateSection long1 =
                new StateSection("s", StateSection.Kind.VALUE, 0, "", "x".repeat(1 << 20));
        RunDescription tooLong = new RunDescription(header, long1, 8);
        assertThatThrownBy(
                        () ->
                                RunWriter.open(
                                        file, tooLong, true, RunOptions.withoutFilter(), pages))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name and types of state 's' of operator 'op' take");
    }

    @Test
    void routings_ofAKeyGroup_areThoseWithItsBits() {
        RunDescription seven = SampleRun.DESCRIPTION;
        assertThat(seven.firstRouting(0)).isZero();
        assertThat(seven.lastRouting(127)).isEqualTo(-1);
        assertThat(seven.firstRouting(64)).isEqualTo(Long.MIN_VALUE);
        assertThat(seven.lastRouting(63)).isEqualTo(Long.MAX_VALUE);
        RunDescription none =
                new RunDescription(new StateFileHeader("op", 0, 1, 0, 0), seven.section(), 0);
        assertThat(none.firstRouting(0)).isZero();
        assertThat(none.lastRouting(0)).isEqualTo(-1);
    }

    /// Eight bytes of key and value each, and all that the file needs besides, but the filter.
    @Test
    void write_manyShortEntries_takesAtMost25BytesForEach() throws IOException {
        assertThat(bytesPerEntry(1 << 20)).isLessThan(25);
        file.content(new byte[0]);
        assertThat(bytesPerEntry(1 << 14)).isLessThan(25.7);
    }

    private double bytesPerEntry(int entries) throws IOException {
        RunDescription description =
                new RunDescription(
                        new StateFileHeader("op", 0, 128, 0, 127),
                        SampleRun.DESCRIPTION.section(),
                        7);
        SplittableRandom random = new SplittableRandom(1);
        long[] routings = random.longs(entries).map(r -> r ^ Long.MIN_VALUE).sorted().toArray();
        byte[] key = new byte[8];
        try (RunWriter out =
                RunWriter.open(file, description, false, RunOptions.withoutFilter(), pages)) {
            for (long routing : routings) {
                out.put(routing ^ Long.MIN_VALUE, 0, key, 0, 8, key, 0, 8);
            }
            return (double) out.finish() / entries;
        }
    }
}
