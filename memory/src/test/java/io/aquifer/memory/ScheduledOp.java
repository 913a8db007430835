package io.aquifer.memory;

/// One thing that a [ScheduledTask] does; a task's program is a list of these.
sealed interface ScheduledOp {
    /// Pages it cannot go on without: waits until they are granted.
    record Need(Kind kind, int pages) implements ScheduledOp {}

    /// A page it can go on without.
    record Try(Kind kind) implements ScheduledOp {}

    /// Releases so many of the pages it still has.
    record Free(Kind kind, int pages) implements ScheduledOp {}

    /// From here on up to so many of its managed pages can be asked for.
    record Offer(int pages) implements ScheduledOp {}

    /// `collect`: waits for room in a channel, then for a network page, and puts it there.
    record Send(int channel, boolean barrier) implements ScheduledOp {}

    /// Waits for an item of a channel and releases its page.
    record Receive(int channel) implements ScheduledOp {}

    /// Takes items from both channels until their barriers have come, and none beyond a barrier.
    record Align(int first, int second) implements ScheduledOp {}

    /// User code: takes so many steps and answers nothing.
    record Work(int steps) implements ScheduledOp {}

    /// Makes so many pages the total.
    record Resize(int pages) implements ScheduledOp {}

    /// Which pool.
    enum Kind {
        MANAGED,
        NETWORK
    }

    /// What a reclaimer does when it is asked.
    enum Honesty {
        /// Gives what is wanted, as far as offered.
        EXACT,
        /// Gives all that is offered.
        MORE,
        /// Gives one page, whatever is wanted.
        LESS,
        /// Gives nothing, and goes on saying that it could.
        NOTHING,
        /// Throws.
        THROWS
    }

    static ScheduledOp need(int pages) {
        return new Need(Kind.MANAGED, pages);
    }

    static ScheduledOp free(int pages) {
        return new Free(Kind.MANAGED, pages);
    }

    static ScheduledOp needNetwork(int pages) {
        return new Need(Kind.NETWORK, pages);
    }

    static ScheduledOp freeNetwork(int pages) {
        return new Free(Kind.NETWORK, pages);
    }

    static ScheduledOp offer(int pages) {
        return new Offer(pages);
    }

    static ScheduledOp send(int channel) {
        return new Send(channel, false);
    }

    static ScheduledOp sendBarrier(int channel) {
        return new Send(channel, true);
    }

    static ScheduledOp receive(int channel) {
        return new Receive(channel);
    }

    static ScheduledOp work(int steps) {
        return new Work(steps);
    }
}
