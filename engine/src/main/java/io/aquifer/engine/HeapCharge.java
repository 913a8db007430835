package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.ByteLease;

/// Charges objects on the Java heap to managed memory, by a size estimated from samples.
///
/// Every [#SAMPLE_EVERY]-th object put is serialized to learn its size; an object is taken to need [#OBJECT_FACTOR] times its
/// serialized bytes, and each entry [#ENTRY_BYTES] more for the maps that hold it. The lease moves in steps, so that most
/// calls only count.
final class HeapCharge {
    static final int ENTRY_BYTES = 96;
    static final int OBJECT_FACTOR = 2;
    private static final int SAMPLE_EVERY = 64;
    private static final long STEP_BYTES = 64 * 1024;

    private final ByteLease lease;
    private final DataOutputSerializer scratch = new DataOutputSerializer();
    private long entries;
    private long puts;
    private long samples;
    private long sampledBytes;
    private long held;

    HeapCharge(ByteLease lease) {
        this.lease = lease;
    }

    /// An object is about to be stored: samples it, and charges `newEntries` entries.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException when its share of managed memory is used up; nothing has changed
    <T> void put(TypeSerializer<T> serializer, T value, int newEntries) {
        if (puts++ % SAMPLE_EVERY == 0) {
            scratch.clear();
            serializer.serialize(value, scratch);
            samples++;
            sampledBytes += scratch.length();
        }
        charge(entries + newEntries);
        entries += newEntries;
    }

    /// Entries were removed.
    void remove(long count) {
        entries -= count;
        charge(entries);
    }

    private void charge(long wantedEntries) {
        long entryBytes = ENTRY_BYTES + (samples == 0 ? 0 : OBJECT_FACTOR * sampledBytes / samples);
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
