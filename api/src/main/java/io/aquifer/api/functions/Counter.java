package io.aquifer.api.functions;

/// Counts something in one subtask; reports show the sum over subtasks. Written by the subtask's
/// thread, read by any.
public interface Counter {
    default void inc() {
        inc(1);
    }

    void inc(long n);

    long getCount();
}
