package io.aquifer.api;

import org.jspecify.annotations.Nullable;

import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Takes results from a running job through a queue of bounded length, so that a slow reader slows
/// the job.
final class ResultIterator<T> implements CloseableIterator<T> {
    private static final int QUEUE = 1024;
    private static final long POLL_MILLIS = 10;

    private final BlockingQueue<T> queue = new ArrayBlockingQueue<>(QUEUE);
    private volatile boolean ended;
    private volatile @Nullable RuntimeException failure;
    private @Nullable JobClient client;
    private @Nullable Thread waiter;
    private @Nullable T next;

    /// Called by the job's sink.
    void offer(T record) {
        try {
            queue.put(record);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void start(JobClient job) {
        client = job;
        waiter =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        job.getResult();
                                    } catch (RuntimeException failed) {
                                        failure = failed;
                                    } catch (InterruptedException interrupted) {
                                        Thread.currentThread().interrupt();
                                    } finally {
                                        ended = true;
                                    }
                                });
    }

    @Override
    public boolean hasNext() {
        while (next == null) {
            boolean last = ended;
            try {
                next = last ? queue.poll() : queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
            if (next == null && last) {
                RuntimeException failed = failure;
                if (failed != null) {
                    throw failed;
                }
                return false;
            }
        }
        return true;
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the job has no further results");
        }
        T result = next;
        next = null;
        if (result == null) {
            throw new NoSuchElementException("the job has no further results");
        }
        return result;
    }

    @Override
    public void close() {
        JobClient job = client;
        Thread waiting = waiter;
        if (job == null || waiting == null) {
            return;
        }
        if (!ended) {
            job.cancel();
        }
        boolean interrupted = false;
        while (waiting.isAlive()) {
            queue.clear();
            try {
                waiting.join(java.time.Duration.ofMillis(POLL_MILLIS));
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
