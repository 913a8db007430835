package io.aquifer.state;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;

import java.util.SplittableRandom;

/// Nanoseconds per call and bytes per key with keys and values of eight bytes, uniform over the
/// keys.
///
/// Run by hand, not a test: the first argument is the number of keys. *Dependent* calls wait for
/// the result of the one before, as a user function does; the others let the processor overlap
/// their misses.
final class ValueTableBenchmark {
    private static final int CALLS = 5_000_000;
    private static final int BATCH = 32;
    private static final KeyRouting ROUTING = KeyRouting.of(42, 128);

    private ValueTableBenchmark() {}

    public static void main(String[] args) {
        int keys = Integer.parseInt(args[0]);
        long managed = (long) keys * 64 + (64L << 20);
        MemoryPlan plan = new MemoryPlan(managed + (1 << 20), managed, 0, 1 << 20, 0, 0, 0);
        try (MemoryManager manager = MemoryManager.create(plan);
                MemoryScope scope = manager.openScope("benchmark");
                ValueTable table =
                        ValueTable.open(scope.leasePages(manager.managed(), "values"), ROUTING)) {
            byte[] key = new byte[8];
            byte[] value = new byte[8];
            StateKey stateKey = new StateKey(ROUTING);
            long longest = 0;
            long start = System.nanoTime();
            for (int i = 0; i < keys; i++) {
                long before = System.nanoTime();
                write(key, 0, keyOf(i));
                stateKey.set(key, 0, 8, key[7] & 0x7F);
                table.put(stateKey, value, 0, 8);
                longest = Math.max(longest, System.nanoTime() - before);
            }
            System.out.printf(
                    "%,d keys: load %.1f ns, longest put %,d us, %.1f bytes/key on pages, %,d bytes"
                            + " on the heap%n",
                    keys,
                    (System.nanoTime() - start) / (double) keys,
                    longest / 1_000,
                    table.pageCount() * 32_768.0 / keys,
                    table.heapBytes());
            for (int round = 0; round < 3; round++) {
                System.out.printf(
                        "round %d: get %.1f, dependent get %.1f, update %.1f, batched get %.1f,"
                                + " batched update %.1f ns%n",
                        round,
                        run(table, keys, false, false),
                        run(table, keys, false, true),
                        run(table, keys, true, false),
                        runBatched(table, keys, false),
                        runBatched(table, keys, true));
            }
        }
    }

    private static double run(ValueTable table, int keys, boolean update, boolean dependent) {
        SplittableRandom random = new SplittableRandom(1);
        byte[] key = new byte[8];
        StateKey stateKey = new StateKey(ROUTING);
        ByteSlot slot = new ByteSlot();
        long chain = 0;
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            write(key, 0, keyOf((int) ((random.nextLong() + chain >>> 1) % keys)));
            stateKey.set(key, 0, 8, key[7] & 0x7F);
            if (update) {
                table.put(stateKey, key, 0, 8);
            } else if (!table.get(stateKey, slot)) {
                throw new IllegalStateException("missing");
            } else if (dependent) {
                chain = slot.array()[0];
            }
        }
        return (System.nanoTime() - start) / (double) CALLS;
    }

    private static double runBatched(ValueTable table, int keys, boolean update) {
        SplittableRandom random = new SplittableRandom(2);
        byte[] batch = new byte[8 * BATCH];
        long[] routings = new long[BATCH];
        StateKey stateKey = new StateKey(ROUTING);
        ByteSlot slot = new ByteSlot();
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i += BATCH) {
            for (int j = 0; j < BATCH; j++) {
                write(batch, 8 * j, keyOf((int) ((random.nextLong() >>> 1) % keys)));
                routings[j] = ROUTING.of(batch[8 * j + 7] & 0x7F, batch, 8 * j, 8);
            }
            table.prefetch(routings, BATCH);
            for (int j = 0; j < BATCH; j++) {
                stateKey.set(batch, 8 * j, 8, batch[8 * j + 7] & 0x7F);
                if (update) {
                    table.put(stateKey, batch, 8 * j, 8);
                } else {
                    table.get(stateKey, slot);
                }
            }
        }
        return (System.nanoTime() - start) / (double) CALLS;
    }

    private static long keyOf(int i) {
        return i * 0x9E37_79B9L;
    }

    private static void write(byte[] bytes, int offset, long value) {
        for (int i = 0; i < 8; i++) {
            bytes[offset + i] = (byte) (value >>> 56 - 8 * i);
        }
    }
}
