package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryScope;
import io.aquifer.state.file.StateSection.Kind;
import io.aquifer.state.spill.SpillException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A disk that refuses while a table spills to it or reads back.
///
/// Goal: the call at hand fails with who, where and what to do, or is not disturbed; nothing is
/// lost or changed by it; when the disk takes again, all goes on; nothing is left in the end.
class SpillFailureTest {
    private static final KeyRouting ROUTING = Keys.ROUTING;

    @Test
    void put_diskFullAndFreedLater_losesNothingAndGoesOn() throws IOException {
        try (SpillingPages memory = new SpillingPages(24);
                ValueTable table = open(memory);
                MemoryScope.Registration registered = memory.register(table)) {
            assertThat(registered).isNotNull();
            int keys = 0;
            memory.files.failAlways();
            SpillException refused = null;
            while (refused == null) {
                try {
                    put(table, keys);
                    keys++;
                } catch (SpillException expected) {
                    refused = expected;
                }
            }
            assertThat(refused)
                    .hasMessage(
                            "cannot spill records of 'task / table' to /spill: No space left on"
                                    + " device, with 0.0 MiB of its records there already. No"
                                    + " record was lost, but the one at hand was not taken. Make"
                                    + " room there, name another directory with --spill-dir or"
                                    + " -Daquifer.spill.dir=DIR, or give more memory, so that less"
                                    + " is spilled.");
            assertAll(table, keys);
            memory.files.failNothing();
            for (; keys < 60_000; keys++) {
                put(table, keys);
            }
            assertAll(table, keys);
            assertThat(memory.files.bytesWritten).isPositive();
        }
    }

    /// Every IO of a spill and of what comes after it fails once.
    @Test
    void calls_nthIoFails_failExplainedOrNotAtAll() throws IOException {
        int failures = 0;
        for (int nth = 1; nth < 60; nth++) {
            try (SpillingPages memory = new SpillingPages(24);
                    ValueTable table = open(memory);
                    MemoryScope.Registration registered = memory.register(table)) {
                assertThat(registered).isNotNull();
                memory.files.fail(nth);
                int keys = 0;
                while (keys < 24_000) {
                    try {
                        put(table, keys);
                        keys++;
                        ByteSlot slot = new ByteSlot();
                        if (keys % 50 == 0) {
                            assertThat(table.get(key(keys / 2), slot)).isTrue();
                        }
                    } catch (SpillException explained) {
                        failures++;
                        assertThat(explained).hasMessageContaining("'task / table'");
                    }
                }
                assertThat(memory.files.failed).as("IO %d failed", nth).isTrue();
                memory.files.failNothing();
                assertAll(table, keys);
            }
        }
        assertThat(failures).as("calls that failed explained").isPositive();
    }

    /// Every IO of a snapshot fails once, while the table goes on.
    @Test
    void snapshot_nthIoFails_losesNothingAndTheNextOneHasAll() throws IOException {
        int failures = 0;
        for (int nth = 1; nth < 40; nth++) {
            try (SpillingPages memory = new SpillingPages(900);
                    ValueTable table = open(memory);
                    MemoryScope.Registration registered = memory.register(table)) {
                assertThat(registered).isNotNull();
                int keys = 0;
                for (; keys < 60_000; keys++) {
                    put(table, keys);
                }
                memory.files.fail(nth);
                TableSnapshot snapshot = null;
                try {
                    snapshot = table.snapshot(() -> {});
                    for (; keys < 70_000; keys++) {
                        put(table, keys);
                        put(table, keys / 2);
                        if (keys % 100 == 0) {
                            snapshot.advance();
                        }
                    }
                    snapshot.finish();
                    snapshot.result().close();
                } catch (IOException refused) {
                    failures++;
                    assertThat(refused).hasMessageContaining("No space left on device");
                }
                assertThat(snapshot == null || snapshot.advance()).isTrue();
                assertThat(memory.files.failed).as("IO %d failed", nth).isEqualTo(nth <= failures);
                assertAll(table, keys);
                memory.files.failNothing();
                TableSnapshot next = table.snapshot(() -> {});
                next.finish();
                try (TableRuns runs = next.result();
                        SpillingPages other = new SpillingPages(100)) {
                    assertAllIn(runs, other, keys);
                }
                assertAll(table, keys);
            }
        }
        assertThat(failures).as("snapshots that failed").isGreaterThan(5);
    }

    private static void assertAllIn(TableRuns runs, SpillingPages memory, int keys)
            throws IOException {
        List<SavedRuns.Slice> slices = new ArrayList<>();
        for (TableRuns.Part part : runs.parts()) {
            part.file().retain();
            slices.add(new SavedRuns.Slice(part.file(), 0, Keys.GROUPS - 1));
        }
        try (ValueTable begun =
                ValueTable.open(
                        memory.lease("begun"),
                        ROUTING,
                        memory.spill(),
                        memory.description(Kind.VALUE, ROUTING),
                        new SavedRuns(slices, 1, false))) {
            assertAll(begun, keys);
        }
    }

    @Test
    void get_diskCannotRead_saysSo() throws IOException {
        try (SpillingPages memory = new SpillingPages(24);
                ValueTable table = open(memory);
                MemoryScope.Registration registered = memory.register(table)) {
            assertThat(registered).isNotNull();
            for (int i = 0; i < 40_000; i++) {
                put(table, i);
            }
            memory.files.failAlways();
            ByteSlot slot = new ByteSlot();
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 40_000; i++) {
                                    table.get(key(i), slot);
                                }
                            })
                    .isInstanceOf(SpillException.class)
                    .hasMessageMatching(
                            "cannot read spilled records of 'task / table' back from /spill: cannot"
                                    + " read [0-9,]+ bytes at byte [0-9,]+ of run '/spill/run': No"
                                    + " space left on device, with [0-9.]+ MiB of its records"
                                    + " there\\. What is there cannot be relied on; .*");
            memory.files.failNothing();
            assertAll(table, 40_000);
        }
    }

    private static ValueTable open(SpillingPages memory) {
        return ValueTable.open(
                memory.lease("values"),
                ROUTING,
                memory.spill(),
                memory.description(Kind.VALUE, ROUTING));
    }

    private static StateKey key(int i) {
        return Keys.of(ByteBuffer.allocate(8).putLong(i * 0x9E3779B97F4A7C15L).array());
    }

    private static void put(ValueTable table, int i) {
        byte[] value = ByteBuffer.allocate(24).putInt(i).array();
        table.put(key(i), value, 0, value.length);
    }

    private static void assertAll(ValueTable table, int keys) {
        TableCheck.verify(table.records);
        ByteSlot slot = new ByteSlot();
        for (int i = 0; i < keys; i++) {
            if (!table.get(key(i), slot) || ByteBuffer.wrap(slot.array()).getInt() != i) {
                throw new AssertionError("key " + i + " of " + keys);
            }
        }
    }
}
