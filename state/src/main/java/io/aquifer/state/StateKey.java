package io.aquifer.state;

import static io.aquifer.state.RecordHeader.DIRECTORY;
import static io.aquifer.state.RecordHeader.ENTRY;
import static io.aquifer.state.RecordHeader.SHADOW;
import static io.aquifer.state.RecordHeader.VALUE;

import io.aquifer.state.run.RunScan;

import java.util.Objects;

/// A key as tables take it: its bytes and its [routing][KeyRouting], worked out once however many
/// tables are asked. Made to be set again for each record.
///
/// It names the caller's array and copies nothing: the bytes must stay as they are until the next
/// [#set]. **Threads.** One at a time.
public final class StateKey {
    private static final byte[] NONE = {};

    private final KeyRouting routing;
    private byte[] bytes = NONE;
    private int offset;
    private int length;
    private long route;
    private int kind = VALUE;
    private byte[] joined = NONE;

    /// The empty key of group 0.
    public StateKey(KeyRouting routing) {
        this.routing = routing;
        set(NONE, 0, 0, 0);
    }

    /// Lets this be the key whose bytes are `source[keyOffset .. keyOffset + keyLength)`.
    ///
    /// @param keyGroup from 0 to the number of key groups of the routing
    public void set(byte[] source, int keyOffset, int keyLength, int keyGroup) {
        Objects.checkFromIndexSize(keyOffset, keyLength, source.length);
        bytes = source;
        offset = keyOffset;
        length = keyLength;
        route = routing.of(keyGroup, source, keyOffset, keyLength);
    }

    /// Lets this be the key of an entry on disk, as long as that is shown.
    void set(RunScan entry) {
        bytes = entry.keyArray();
        offset = entry.keyOffset();
        length = entry.keyLength();
        route = entry.routing();
        kind = entry.kind();
    }

    /// A key of its own that is as this one is now.
    public StateKey copy() {
        StateKey copy = new StateKey(routing);
        copy.copyOf(this);
        return copy;
    }

    /// Lets this be a copy of another key, which may change then.
    void copyOf(StateKey other) {
        joined = room(other.length);
        System.arraycopy(other.bytes, other.offset, joined, 0, other.length);
        bytes = joined;
        offset = 0;
        length = other.length;
        route = other.route;
        kind = other.kind;
    }

    /// Lets this name an entry of the map of a key.
    ///
    /// ```
    /// | key | name | length of key, u32 little endian |
    /// ```
    void setEntry(StateKey owner, byte[] name, int nameOffset, int nameLength) {
        int total = Math.addExact(Math.addExact(owner.length, nameLength), 4);
        joined = room(total);
        System.arraycopy(owner.bytes, owner.offset, joined, 0, owner.length);
        System.arraycopy(name, nameOffset, joined, owner.length, nameLength);
        for (int i = 0; i < 4; i++) {
            joined[total - 4 + i] = (byte) (owner.length >>> 8 * i);
        }
        bytes = joined;
        offset = 0;
        length = total;
        kind = ENTRY;
        route = routing.ofPart(owner.route, name, nameOffset, nameLength);
    }

    /// Lets this name the directory of the map of a key.
    void setDirectory(StateKey owner) {
        bytes = owner.bytes;
        offset = owner.offset;
        length = owner.length;
        kind = DIRECTORY;
        route = routing.ofPart(owner.route, NONE, 0, 0);
    }

    /// Lets this name what is to become the value of a key, beside what is.
    void setShadow(StateKey owner) {
        bytes = owner.bytes;
        offset = owner.offset;
        length = owner.length;
        route = owner.route;
        kind = SHADOW;
    }

    /// The routing of a record by what is stored of it.
    ///
    /// @param group the key group
    /// @param flat the stored key
    static long route(KeyRouting routing, int group, int kind, byte[] flat, int flatLength) {
        if (kind != ENTRY) {
            long own = routing.of(group, flat, 0, flatLength);
            return kind != DIRECTORY ? own : routing.ofPart(own, NONE, 0, 0);
        }
        int keyLength = 0;
        for (int i = 0; i < 4; i++) {
            keyLength |= (flat[flatLength - 4 + i] & 0xFF) << 8 * i;
        }
        return routing.ofPart(
                routing.of(group, flat, 0, keyLength), flat, keyLength, flatLength - 4 - keyLength);
    }

    private byte[] room(int wanted) {
        return joined.length >= wanted ? joined : new byte[Math.max(wanted, 2 * joined.length)];
    }

    public KeyRouting routing() {
        return routing;
    }

    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    long route() {
        return route;
    }

    int kind() {
        return kind;
    }
}
