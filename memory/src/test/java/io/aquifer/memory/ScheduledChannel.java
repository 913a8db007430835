package io.aquifer.memory;

import java.util.ArrayDeque;

/// A bounded channel of network pages between two scheduled tasks.
final class ScheduledChannel {
    /// @param page the address of its page
    record Item(long page, boolean barrier) {}

    final int capacity;
    final ArrayDeque<Item> items = new ArrayDeque<>();

    ScheduledChannel(int capacity) {
        this.capacity = capacity;
    }

    boolean hasRoom() {
        return items.size() < capacity;
    }
}
