package io.aquifer.state;

/// Keys of tests, in the key groups that their bytes say.
final class Keys {
    static final int GROUPS = 128;
    static final KeyRouting ROUTING = KeyRouting.of(0x5EED, GROUPS);

    private Keys() {}

    static StateKey of(byte[] bytes) {
        return of(bytes, 0, bytes.length, ROUTING);
    }

    static StateKey of(byte[] bytes, int offset, int length) {
        return of(bytes, offset, length, ROUTING);
    }

    static StateKey of(ByteSlot slot) {
        return of(slot.array(), 0, slot.length(), ROUTING);
    }

    static StateKey of(byte[] bytes, KeyRouting routing) {
        return of(bytes, 0, bytes.length, routing);
    }

    static StateKey of(byte[] bytes, int offset, int length, KeyRouting routing) {
        StateKey key = new StateKey(routing);
        key.set(bytes, offset, length, group(bytes, offset, length, routing));
        return key;
    }

    static int group(byte[] bytes, int offset, int length, KeyRouting routing) {
        int sum = 17;
        for (int i = offset; i < offset + length; i++) {
            sum = 31 * sum + bytes[i];
        }
        return sum & ((1 << routing.keyGroupBits()) - 1);
    }
}
