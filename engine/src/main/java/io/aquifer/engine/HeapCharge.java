package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.ByteLease;

/// Charges objects on the Java heap to a pool of the budget, by a size estimated from samples.
///
/// Every [#SAMPLE_EVERY]-th entry put, new or replaced, is serialized to learn its size; its
/// objects are taken to need [#OBJECT_FACTOR] times their serialized bytes, and each entry
/// [#ENTRY_BYTES] more for the maps that hold it. The samples of the past count less and less, so
/// that entries that grow are noticed. The lease moves in steps, so that most calls only count.
final class HeapCharge {
    static final int ENTRY_BYTES = 96;
    static final int OBJECT_FACTOR = 2;
    private static final int SAMPLE_EVERY = 64;
    private static final double NEWEST_SAMPLE_SHARE = 1.0 / 16;
    private static final long STEP_BYTES = 64 * 1024;

    private final ByteLease lease;
    private final DataOutputSerializer scratch = new DataOutputSerializer();
    private long entries;
    private long puts;
    private double averageBytes = -1;
    private long held;

    HeapCharge(ByteLease lease) {
        this.lease = lease;
    }

    /// An entry is about to be stored, or its value replaced: samples it, and charges `newEntries`
    /// entries.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException when its share of managed memory is used
    ///   up; nothing has changed
    <A, B> void put(
            TypeSerializer<A> keySerializer,
            A key,
            TypeSerializer<B> serializer,
            B value,
            int newEntries) {
        boolean sample = puts++ % SAMPLE_EVERY == 0;
        if (sample) {
            scratch.clear();
            keySerializer.serialize(key, scratch);
            serializer.serialize(value, scratch);
            sampled(scratch.length());
        }
        if (sample || newEntries != 0) {
            charge(entries + newEntries);
            entries += newEntries;
        }
    }

    private void sampled(int bytes) {
        averageBytes =
                averageBytes < 0
                        ? bytes
                        : averageBytes + (bytes - averageBytes) * NEWEST_SAMPLE_SHARE;
    }

    /// Entries were removed.
    void remove(long count) {
        entries -= count;
        charge(entries);
    }

    private void charge(long wantedEntries) {
        long entryBytes = ENTRY_BYTES + (long) (OBJECT_FACTOR * Math.max(0, averageBytes));
        long wanted = wantedEntries * entryBytes;
        if (wanted > held) {
            long step = (wanted - held + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
            lease.reserve(step);
            held += step;
        } else if (held - wanted > 2 * STEP_BYTES) {
            long step = (held - wanted) / STEP_BYTES * STEP_BYTES;
            lease.release(step);
            held -= step;
        }
    }

    long heldBytes() {
        return held;
    }

    void close() {
        lease.close();
        entries = 0;
        held = 0;
    }
}
