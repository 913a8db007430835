package io.aquifer.state;

/// Receives the timers of a [TimerTable], one call each, on the thread that iterates.
@FunctionalInterface
public interface TimerVisitor {
    /// Called once per timer. The slot belongs to the table and is overwritten for the next timer;
    /// the table may not change from here.
    ///
    /// @param time when it is due, in the unit it was registered with
    void visit(long time, ByteSlot key);
}
