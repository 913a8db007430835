package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.file.StateEntries;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileReader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/// What a [TimerTable] promises beside the order that the model test checks.
class TimerTableTest {
    private static final StateSection SECTION =
            new StateSection("timers", StateSection.Kind.EVENT_TIMERS, 0, "", "");

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean register(TimerTable table, long time, String key) {
        byte[] bytes = key("<" + key + ">");
        return table.register(time, bytes, 1, bytes.length - 2);
    }

    private static boolean delete(TimerTable table, long time, String key) {
        byte[] bytes = key("<" + key + ">");
        return table.delete(time, bytes, 1, bytes.length - 2);
    }

    private static String poll(TimerTable table) {
        ByteSlot slot = new ByteSlot(0);
        long time = table.firstTime();
        table.poll(slot);
        return time + " " + new String(slot.toByteArray(), StandardCharsets.UTF_8);
    }

    @Test
    void timersOfOneTime_comeInOrderOfRegistration_anEarlierOneKeepsItsPlace() {
        try (TestPages source = new TestPages(10);
                TimerTable table = TimerTable.open(source.lease(), 1)) {
            assertThat(register(table, 5, "b")).isTrue();
            assertThat(register(table, 5, "")).isTrue();
            assertThat(register(table, 5, "a")).isTrue();
            assertThat(register(table, 5, "b")).isFalse();
            assertThat(delete(table, 5, "b")).isTrue();
            assertThat(delete(table, 5, "b")).isFalse();
            assertThat(register(table, 5, "b")).isTrue();
            assertThat(register(table, Long.MIN_VALUE, "z")).isTrue();
            assertThat(table.size()).isEqualTo(4);
            assertThat(poll(table)).isEqualTo(Long.MIN_VALUE + " z");
            assertThat(poll(table)).isEqualTo("5 ");
            assertThat(poll(table)).isEqualTo("5 a");
            assertThat(poll(table)).isEqualTo("5 b");
            assertThat(table.isEmpty()).isTrue();
        }
    }

    @Test
    void firstTimer_ofAnEmptyTable_isRefused() {
        try (TestPages source = new TestPages(10);
                TimerTable table = TimerTable.open(source.lease(), 1)) {
            assertThatThrownBy(table::firstTime)
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage("there is no timer: ask isEmpty() first");
            assertThatThrownBy(() -> table.poll(new ByteSlot()))
                    .isInstanceOf(NoSuchElementException.class);
            assertThat(table.pageCount()).isZero();
        }
    }

    @Test
    void change_whileIterating_isRefusedAndChangesNothing() {
        try (TestPages source = new TestPages(10);
                TimerTable table = TimerTable.open(source.lease(), 1)) {
            register(table, 1, "a");
            register(table, 2, "b");
            List<Long> seen = new ArrayList<>();
            table.forEach(
                    (time, key) -> {
                        seen.add(time);
                        assertThatThrownBy(() -> register(table, 3, "c"))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage(
                                        "cannot change a table of timers while it is being"
                                                + " iterated: do it when the iteration has ended");
                        assertThatThrownBy(() -> delete(table, 1, "a"))
                                .isInstanceOf(IllegalStateException.class);
                        assertThatThrownBy(() -> poll(table))
                                .isInstanceOf(IllegalStateException.class);
                        assertThatThrownBy(table::clear).isInstanceOf(IllegalStateException.class);
                        assertThatThrownBy(table::close).isInstanceOf(IllegalStateException.class);
                    });
            assertThat(seen).containsExactly(1L, 2L);
            IllegalArgumentException ofVisitor = new IllegalArgumentException("no more");
            assertThatThrownBy(
                            () ->
                                    table.forEach(
                                            (time, key) -> {
                                                throw ofVisitor;
                                            }))
                    .isSameAs(ofVisitor);
            assertThat(register(table, 3, "c")).isTrue();
        }
    }

    @Test
    void call_afterClose_throws() {
        try (TestPages source = new TestPages(10)) {
            TimerTable table = TimerTable.open(source.lease(), 1);
            register(table, 1, "a");
            table.close();
            table.close();
            assertThatThrownBy(() -> register(table, 1, "a"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "this table of timers was closed and its pages were given back: open"
                                    + " another one");
            assertThatThrownBy(() -> delete(table, 1, "a"))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(table::firstTime).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> poll(table)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(table::clear).isInstanceOf(IllegalStateException.class);
            table.forEach((time, key) -> assertThat(key).isNull());
            assertThat(table.isEmpty()).isTrue();
        }
    }

    @Test
    void argumentsOutOfRange_areRefused() {
        try (TestPages source = new TestPages(10);
                TimerTable table = TimerTable.open(source.lease(), 1)) {
            byte[] key = new byte[8];
            assertThatThrownBy(() -> table.register(1, key, 4, 5))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> table.delete(1, key, -1, 5))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> table.contains(1, key, 9, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void writeTo_writesKeysAndTimes_inOrder(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("file");
        try (TestPages source = new TestPages(100);
                TimerTable table = TimerTable.open(source.lease(), 1)) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                register(table, i / 10 - 100, "key " + i);
                expected.add((i / 10 - 100) + " key " + i);
            }
            try (StateFileWriter out =
                    new StateFileWriter(
                            FileChannel.open(
                                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            new StateFileHeader("op", 0, 128, 0, 127))) {
                out.begin(SECTION);
                table.writeTo(out);
                out.finish();
            }
            List<String> written = new ArrayList<>();
            try (StateFileReader in = StateFileReader.open(FileChannel.open(file), "file")) {
                for (StateEntries entry = in.entries(SECTION); entry.next(); ) {
                    assertThat(entry.valueLength()).isEqualTo(8);
                    long time =
                            ByteBuffer.wrap(entry.buffer())
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .getLong(entry.valueOffset());
                    written.add(
                            time
                                    + " "
                                    + new String(
                                            entry.buffer(),
                                            entry.keyOffset(),
                                            entry.keyLength(),
                                            StandardCharsets.UTF_8));
                }
            }
            assertThat(written).isEqualTo(expected);
        }
    }

    @Test
    void writeTo_fileRefusesAWrite_surfacesAndLeavesTheTimers() throws IOException {
        IOException refusal = new IOException("no space left on device");
        int[] writes = new int[1];
        WritableByteChannel refusing =
                new WritableByteChannel() {
                    @Override
                    public int write(ByteBuffer from) throws IOException {
                        if (++writes[0] == 3) {
                            throw refusal;
                        }
                        int count = from.remaining();
                        from.position(from.limit());
                        return count;
                    }

                    @Override
                    public boolean isOpen() {
                        return true;
                    }

                    @Override
                    public void close() {}
                };
        try (TestPages source = new TestPages(100);
                TimerTable table = TimerTable.open(source.lease(), 1);
                StateFileWriter out =
                        new StateFileWriter(refusing, new StateFileHeader("op", 0, 128, 0, 127))) {
            for (int i = 0; i < 20_000; i++) {
                register(table, i, "key " + i);
            }
            out.begin(SECTION);
            assertThatThrownBy(() -> table.writeTo(out)).isSameAs(refusal);
            assertThat(table.size()).isEqualTo(20_000);
            assertThat(register(table, 3, "c")).isTrue();
        }
    }
}
