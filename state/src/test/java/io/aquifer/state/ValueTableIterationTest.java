package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// What a visitor must not do, each refused with a message and without a change.
class ValueTableIterationTest {
    private static final int KEYS = 10_000;

    @Test
    void put_newKeyWhileIterated_throwsAndChangesNothing() {
        assertRefused(
                table -> table.put(key(KEYS), 0, 8, key(1), 0, 8),
                "cannot add a key to a table while it is being iterated: collect the new keys and"
                        + " add them afterwards");
    }

    @Test
    void remove_otherKeyThanVisited_throwsAndChangesNothing() {
        assertRefused(
                table -> {
                    table.remove(key(1), 0, 8);
                    table.remove(key(2), 0, 8);
                    table.remove(key(3), 0, 8);
                },
                "cannot remove a key from a table while another one is visited: remove the visited"
                        + " key, or collect the keys and remove them afterwards");
    }

    @Test
    void clearOrClose_whileIterated_throwsAndChangesNothing() {
        String message =
                "cannot clear or close a table while it is being iterated: do it when the iteration"
                        + " has ended";
        assertRefused(ValueTable::clear, message);
        assertRefused(ValueTable::close, message);
    }

    private static void assertRefused(Consumer<ValueTable> change, String message) {
        try (TestPages source = new TestPages(200);
                ValueTable table = ValueTable.open(source.lease(), 1)) {
            for (int i = 0; i < KEYS; i++) {
                table.put(key(i), 0, 8, key(i), 0, 8);
            }
            int[] visits = new int[1];
            assertThatThrownBy(
                            () ->
                                    table.forEach(
                                            (key, value) -> {
                                                if (++visits[0] == KEYS / 2) {
                                                    change.accept(table);
                                                }
                                            }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(message);
            IndexCheck.verify(table.records.index, table.heap);
            assertThat(table.size()).isGreaterThanOrEqualTo(KEYS - 1);
            table.put(key(KEYS), 0, 8, key(1), 0, 8);
            assertThat(table.remove(key(KEYS), 0, 8)).isTrue();
        }
    }

    @Test
    void prefetch_anyKeys_changesNothing() {
        try (TestPages source = new TestPages(200);
                ValueTable table = ValueTable.open(source.lease(), 1)) {
            byte[] keys = new byte[8 * 200];
            int[] offsets = new int[200];
            int[] lengths = new int[200];
            for (int i = 0; i < 200; i++) {
                ByteBuffer.wrap(keys).putLong(8 * i, i);
                offsets[i] = 8 * i;
                lengths[i] = i % 9;
            }
            table.prefetch(keys, offsets, lengths, 200);
            for (int i = 0; i < 200; i += 2) {
                table.put(keys, 8 * i, 8, keys, 0, 8);
            }
            int pages = table.pageCount();
            table.prefetch(keys, offsets, lengths, 200);
            assertThat(table.size()).isEqualTo(100);
            assertThat(table.pageCount()).isEqualTo(pages);
        }
    }

    private static byte[] key(long i) {
        return ByteBuffer.allocate(8).putLong(i).array();
    }
}
