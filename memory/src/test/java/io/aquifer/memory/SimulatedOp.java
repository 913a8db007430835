package io.aquifer.memory;

/// One thing that a [SimulatedTask] does; a task's program is a list of these.
sealed interface SimulatedOp {
    /// Pages it cannot go on without: waits until they are granted.
    record Need(Kind kind, int pages) implements SimulatedOp {}

    /// A page it can go on without.
    record Try(Kind kind) implements SimulatedOp {}

    /// Releases so many of the pages it still has.
    record Free(Kind kind, int pages) implements SimulatedOp {}

    /// From here on up to so many of its managed pages can be asked for.
    record Offer(int pages) implements SimulatedOp {}

    /// `collect`: waits for room in a channel, then for a network page, and puts it there.
    record Send(int channel, boolean barrier) implements SimulatedOp {}

    /// Waits for an item of a channel and releases its page.
    record Receive(int channel) implements SimulatedOp {}

    /// Takes items from both channels until their barriers have come, and none beyond a barrier.
    record Align(int first, int second) implements SimulatedOp {}

    /// User code: takes so many steps and answers nothing.
    record Work(int steps) implements SimulatedOp {}

    /// Makes so many pages the total.
    record Resize(int pages) implements SimulatedOp {}

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

    static SimulatedOp need(int pages) {
        return new Need(Kind.MANAGED, pages);
    }

    static SimulatedOp free(int pages) {
        return new Free(Kind.MANAGED, pages);
    }

    static SimulatedOp needNetwork(int pages) {
        return new Need(Kind.NETWORK, pages);
    }

    static SimulatedOp freeNetwork(int pages) {
        return new Free(Kind.NETWORK, pages);
    }

    static SimulatedOp offer(int pages) {
        return new Offer(pages);
    }

    static SimulatedOp send(int channel) {
        return new Send(channel, false);
    }

    static SimulatedOp sendBarrier(int channel) {
        return new Send(channel, true);
    }

    static SimulatedOp receive(int channel) {
        return new Receive(channel);
    }

    static SimulatedOp work(int steps) {
        return new Work(steps);
    }
}
