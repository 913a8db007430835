package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.MemoryScope;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.StateKey;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The key that keyed state is about now, as an object and, when asked for, as bytes. Used by the
/// subtask's thread.
final class CurrentKey<K> {
    private final TypeSerializer<K> serializer;
    private final MemoryScope memory;
    private final Thread owner = Thread.currentThread();
    private final DataOutputSerializer bytes = new DataOutputSerializer();
    private final DataInputDeserializer input = new DataInputDeserializer();
    private final int maxParallelism;
    private final StateKey stateKey;
    private @Nullable K key;
    private boolean serialized;
    private boolean routed;

    /// Made by the thread that uses the state, and no other may.
    ///
    /// @param memory of the subtask; when it has ended there is no current key any more, so that a
    ///   thread which has outlived its subtask cannot use state
    /// @param routing of the operator's tables
    /// @param maxParallelism the number of key groups
    CurrentKey(
            TypeSerializer<K> serializer,
            MemoryScope memory,
            KeyRouting routing,
            int maxParallelism) {
        this.serializer = serializer;
        this.memory = memory;
        this.stateKey = new StateKey(routing);
        this.maxParallelism = maxParallelism;
    }

    void set(K newKey) {
        if (newKey == null) {
            throw new NullPointerException(
                    "the key is null; filter such records out before keyBy, or use a key for them");
        }
        key = newKey;
        serialized = false;
        routed = false;
    }

    /// The current key, null when there is none.
    @Nullable K orNull() {
        return key;
    }

    void setOrNull(@Nullable K newKey) {
        key = newKey;
        serialized = false;
        routed = false;
    }

    K get() {
        requireAlive();
        return present();
    }

    private K present() {
        K current = key;
        if (current == null) {
            throw new IllegalStateException(
                    "there is no current key: state is used outside of a record or timer");
        }
        return current;
    }

    /// The current key as tables take it; valid until the next [#set].
    StateKey stateKey() {
        DataOutputSerializer keyBytes = bytes();
        if (!routed) {
            stateKey.set(
                    keyBytes.buffer(),
                    0,
                    keyBytes.length(),
                    KeyGroups.keyGroup(get(), maxParallelism));
            routed = true;
        }
        return stateKey;
    }

    /// The current key's bytes, in `buffer()` from 0 to `length()`; valid until the next [#set].
    DataOutputSerializer bytes() {
        requireAlive();
        if (!serialized) {
            bytes.clear();
            serializer.serialize(present(), bytes);
            serialized = true;
        }
        return bytes;
    }

    /// Whoever is neither the task's thread nor in time would work on pages that may be another's.
    private void requireAlive() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException(
                    "state of task '"
                            + memory.owner()
                            + "' is used by thread '"
                            + Thread.currentThread().getName()
                            + "'. State belongs to the task's own thread: hand results over to"
                            + " processElement or onTimer and update it there");
        }
        if (memory.isClosed()) {
            throw new IllegalStateException(
                    "task '"
                            + memory.owner()
                            + "' has ended, and its state with it; stop the thread that still uses"
                            + " it");
        }
    }

    /// The current key's bytes, the caller's.
    byte[] copyOfBytes() {
        DataOutputSerializer from = bytes();
        return Arrays.copyOf(from.buffer(), from.length());
    }

    /// The key group of a key by its bytes.
    int groupOf(byte[] from, int offset, int length) {
        input.setBuffer(from, offset, length);
        return KeyGroups.keyGroup(serializer.deserialize(input), maxParallelism);
    }

    /// Makes a key from its bytes the current one.
    K setBytes(byte[] from, int offset, int length) {
        input.setBuffer(from, offset, length);
        K read = serializer.deserialize(input);
        set(read);
        return read;
    }
}
