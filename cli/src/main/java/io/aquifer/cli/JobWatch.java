package io.aquifer.cli;

import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobStart;
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
/// **Threads.** The engine calls the listener's methods from its own threads; the others are called
/// from any.
final class JobWatch implements JobListener, Interrupts.Jobs, AutoCloseable {
    private static final Duration SAMPLE = Duration.ofMillis(250);
    private static final int SAMPLES_PER_LINE = 4;
    private static final JobStart WITHOUT_STATE =
            new JobStart(JobStart.Kind.WITHOUT_STATE, null, 0, List.of(), 0, Duration.ZERO, null);

    private final Screen screen;
    private final ProcessMemory memory;
    private final ProgressText text;
    private final boolean quiet;
    private final List<JobView> running = new ArrayList<>();
    private final List<EndedJob> finished = new ArrayList<>();
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
        String began = CheckpointText.start(job.start());
        if (!quiet && !began.isEmpty()) {
            screen.line(began);
        }
        if (late) {
            job.cancel();
        }
    }

    @Override
    public void jobFinished(JobReport report) {
        memory.sample(report.last().memory(), true);
        synchronized (this) {
            JobStart start = WITHOUT_STATE;
            for (JobView job : running) {
                if (job.name().equals(report.last().job())) {
                    start = job.start();
                    running.remove(job);
                    break;
                }
            }
            finished.add(new EndedJob(report, start));
        }
    }

    /// Stops what runs; what starts later is cancelled, since it has nothing to keep.
    @Override
    public Interrupts.Asked stop() {
        List<JobView> jobs;
        synchronized (this) {
            cancelled = true;
            jobs = List.copyOf(running);
        }
        Interrupts.Asked asked =
                jobs.isEmpty() ? Interrupts.Asked.NOTHING : Interrupts.Asked.CANCEL;
        for (JobView job : jobs) {
            if (job.start().kind() != JobStart.Kind.WITHOUT_STATE) {
                asked = Interrupts.Asked.STOP;
            }
            job.stop();
        }
        return asked;
    }

    @Override
    public boolean cancel() {
        List<JobView> jobs;
        synchronized (this) {
            cancelled = true;
            jobs = List.copyOf(running);
        }
        jobs.forEach(JobView::cancel);
        return !jobs.isEmpty();
    }

    @Override
    public long lastCheckpoint() {
        JobView job = youngest();
        return job == null ? 0 : job.progress().checkpoints().lastId();
    }

    /// The jobs so far, in the order they ended.
    synchronized List<EndedJob> finished() {
        return List.copyOf(finished);
    }

    /// Whether a job ended other than well.
    synchronized boolean anyFailed() {
        return finished.stream().anyMatch(job -> job.report().state() == JobState.FAILED);
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
            JobView job = youngest();
            JobProgress progress = job == null ? null : job.progress();
            boolean second = tick % SAMPLES_PER_LINE == 0;
            memory.sample(progress == null ? null : progress.memory(), second);
            if (job != null && progress != null && !quiet) {
                if (screen.isTerminal()) {
                    screen.block(text.block(progress, job.start()));
                } else if (second) {
                    screen.line(text.line(progress, job.start()));
                }
            }
        }
    }

    private synchronized @Nullable JobView youngest() {
        return running.isEmpty() ? null : running.getLast();
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
