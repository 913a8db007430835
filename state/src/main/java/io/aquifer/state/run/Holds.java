package io.aquifer.state.run;

import java.util.concurrent.atomic.AtomicInteger;

/// How often something is held; from none on it is gone. Any thread.
final class Holds {
    private final AtomicInteger count = new AtomicInteger(1);
    private final String what;

    /// @param what is held, for messages
    Holds(String what) {
        this.what = what;
    }

    void add() {
        if (count.getAndUpdate(held -> held == 0 ? 0 : held + 1) == 0) {
            throw gone("held again");
        }
    }

    /// Whether this was the last hold.
    boolean drop() {
        int before = count.getAndUpdate(held -> held == 0 ? 0 : held - 1);
        if (before == 0) {
            throw gone("released");
        }
        return before == 1;
    }

    boolean isHeld() {
        return count.get() != 0;
    }

    private IllegalStateException gone(String done) {
        return new IllegalStateException(
                what
                        + " was "
                        + done
                        + " after its last release: each holder releases once, and holds again"
                        + " only while another one does");
    }
}
