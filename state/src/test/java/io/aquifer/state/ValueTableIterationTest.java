package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/// What a visitor must not do, each refused with a message and without a change.
class ValueTableIterationTest {
    private static final int KEYS = 10_000;

    @Test
    void put_newKeyWhileIterated_throwsAndChangesNothing() {
        assertRefused(
                table -> table.put(Keys.of(key(KEYS)), key(1), 0, 8),
                "cannot add a key to a table while it is being iterated: collect the new keys and"
                        + " add them afterwards");
    }

    @Test
    void remove_otherKeysThanVisited_areNotVisitedAnyMore() {
        try (TestPages source = new TestPages(200);
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
            for (int i = 0; i < KEYS; i++) {
                table.put(Keys.of(key(i)), key(i), 0, 8);
            }
            Set<Long> visited = new HashSet<>();
            Set<Long> removed = new HashSet<>();
            table.forEach(
                    (key, value) -> {
                        long id = ByteBuffer.wrap(key.toByteArray()).getLong();
                        assertThat(removed).doesNotContain(id);
                        assertThat(visited.add(id)).isTrue();
                        long other = (id * 7_919 + 13) % KEYS;
                        boolean there = !removed.contains(other);
                        assertThat(table.remove(Keys.of(key(other)))).isEqualTo(there);
                        removed.add(other);
                        assertThat(table.contains(Keys.of(key(other)))).isFalse();
                    });
            visited.addAll(removed);
            assertThat(visited).as("each key was visited or removed before").hasSize(KEYS);
            assertThat(table.size()).isEqualTo(KEYS - removed.size());
            TableCheck.verify(table.records);
            for (long i = 0; i < KEYS; i++) {
                assertThat(table.contains(Keys.of(key(i)))).isEqualTo(!removed.contains(i));
            }
        }
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
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
            for (int i = 0; i < KEYS; i++) {
                table.put(Keys.of(key(i)), key(i), 0, 8);
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
            TableCheck.verify(table.records);
            assertThat(table.size()).isGreaterThanOrEqualTo(KEYS - 1);
            table.put(Keys.of(key(KEYS)), key(1), 0, 8);
            assertThat(table.remove(Keys.of(key(KEYS)))).isTrue();
        }
    }

    @Test
    void prefetch_anyKeys_changesNothing() {
        try (TestPages source = new TestPages(200);
                ValueTable table = ValueTable.open(source.lease(), Keys.ROUTING)) {
            long[] routings = new long[200];
            for (int i = 0; i < 200; i++) {
                routings[i] = Keys.of(key(i)).route();
            }
            table.prefetch(routings, 200);
            for (int i = 0; i < 200; i += 2) {
                table.put(Keys.of(key(i)), key(i), 0, 8);
            }
            int pages = table.pageCount();
            table.prefetch(routings, 200);
            assertThat(table.size()).isEqualTo(100);
            assertThat(table.pageCount()).isEqualTo(pages);
            for (int i = 0; i < 200; i++) {
                assertThat(table.contains(Keys.of(key(i)))).isEqualTo(i % 2 == 0);
            }
        }
    }

    private static byte[] key(long i) {
        return ByteBuffer.allocate(8).putLong(i).array();
    }
}
