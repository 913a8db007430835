package io.aquifer.cli;

import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobState;
import io.aquifer.engine.JobView;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Watches the jobs of this process: one daemon thread samples memory every 250 ms and shows
/// progress.
///
/// On a terminal the block is drawn at every sample; elsewhere a line is written each second;
/// quiet, nothing.
///
/// **Threads.** The engine calls the listener's methods from its own threads; [#cancel] from any.
final class JobWatch implements JobListener, AutoCloseable {
    private static final Duration SAMPLE = Duration.ofMillis(250);
    private static final int SAMPLES_PER_LINE = 4;

    private final Screen screen;
    private final ProcessMemory memory;
    private final ProgressText text;
    private final boolean quiet;
    private final List<JobView> running = new ArrayList<>();
    private final List<JobReport> finished = new ArrayList<>();
    private boolean cancelled;
    private boolean closed;
    private @Nullable Thread sampler;

    JobWatch(Screen screen, ProcessMemory memory, long budgetBytes, boolean quiet) {
        this.screen = screen;
        this.memory = memory;
        this.text = new ProgressText(screen, memory, budgetBytes);
        this.quiet = quiet;
    }

    /// Starts to sample.
    void start() {
        Thread thread = Thread.ofPlatform().daemon().name("aquifer-progress").unstarted(this::loop);
        sampler = thread;
        thread.start();
    }

    @Override
    public void jobStarted(JobView job) {
        boolean late;
        synchronized (this) {
            running.add(job);
            late = cancelled;
        }
        if (late) {
            job.cancel();
        }
    }

    @Override
    public void jobFinished(JobReport report) {
        memory.sample(report.last().memory(), true);
        synchronized (this) {
            running.removeIf(job -> job.name().equals(report.last().job()));
            finished.add(report);
        }
    }

    /// Cancels what runs and whatever starts later.
    ///
    /// @return whether a job was running
    boolean cancel() {
        List<JobView> jobs;
        synchronized (this) {
            cancelled = true;
            jobs = List.copyOf(running);
        }
        jobs.forEach(JobView::cancel);
        return !jobs.isEmpty();
    }

    /// The reports so far, in the order the jobs ended.
    synchronized List<JobReport> finished() {
        return List.copyOf(finished);
    }

    /// Whether a job ended other than well.
    synchronized boolean anyFailed() {
        return finished.stream().anyMatch(report -> report.state() == JobState.FAILED);
    }

    /// Stops sampling and takes the block away.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Thread thread = sampler;
        if (thread != null) {
            try {
                thread.join(Duration.ofSeconds(2));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        screen.erase();
    }

    private void loop() {
        for (int tick = 1; pause(); tick++) {
            JobProgress progress = progress();
            boolean second = tick % SAMPLES_PER_LINE == 0;
            memory.sample(progress == null ? null : progress.memory(), second);
            if (progress != null && !quiet) {
                if (screen.isTerminal()) {
                    screen.block(text.block(progress));
                } else if (second) {
                    screen.line(text.line(progress));
                }
            }
        }
    }

    /// The youngest running job's progress.
    private @Nullable JobProgress progress() {
        JobView job;
        synchronized (this) {
            if (running.isEmpty()) {
                return null;
            }
            job = running.getLast();
        }
        return job.progress();
    }

    /// Waits one sample; false once closed.
    private synchronized boolean pause() {
        long end = System.nanoTime() + SAMPLE.toNanos();
        try {
            for (long left = SAMPLE.toNanos();
                    left > 0 && !closed;
                    left = end - System.nanoTime()) {
                wait(left / 1_000_000, (int) (left % 1_000_000));
            }
        } catch (InterruptedException interrupted) {
            return false;
        }
        return !closed;
    }
}
