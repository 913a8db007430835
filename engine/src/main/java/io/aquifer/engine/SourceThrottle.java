package io.aquifer.engine;

import io.aquifer.memory.Throttle;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Whether the sources of a job pause: the last thing to do for memory before a task has to fail.
///
/// What is paused is the reading. Records on their way go on, and so do barriers, so that what is
/// downstream can give memory back. It outlives the attempts of its job: sources of an attempt that
/// starts while it is set pause at once.
///
/// **Threads.** Any thread; nothing waits. A pause takes effect at each source's next batch, a
/// [#resume] wakes those that wait.
final class SourceThrottle implements Throttle {
    private final List<Signal> sources = new CopyOnWriteArrayList<>();
    private volatile boolean paused;

    @Override
    public void slow(boolean on) {
        if (on) {
            pause();
        } else {
            resume();
        }
    }

    /// Sources begin no batch from now on. Again does nothing.
    void pause() {
        paused = true;
    }

    /// Sources read again. Again does nothing.
    void resume() {
        paused = false;
        for (Signal source : sources) {
            source.wake();
        }
    }

    boolean isPaused() {
        return paused;
    }

    /// A source's thread waits at `signal` from now on while it is paused.
    void add(Signal signal) {
        sources.add(signal);
    }

    void remove(Signal signal) {
        sources.remove(signal);
    }
}
