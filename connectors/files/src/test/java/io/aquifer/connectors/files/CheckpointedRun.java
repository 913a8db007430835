package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A job of one sink and what an engine does with it: rows by number, checkpoints that fail or are
/// complete, and going on from the last complete one after whatever ended the attempt.
///
/// What a real engine keeps on its disk is kept here in [#complete]: a checkpoint is complete from
/// one instant to the next, between [SinkCommitter#persist] and [SinkCommitter#commit].
final class CheckpointedRun {
    record Row(int number, String text) {
        static Row of(int number) {
            return new Row(number, "row " + number);
        }
    }

    record Checkpoint(
            long id, int rows, long watermark, List<String> committables, List<byte[]> states) {}

    private static final int STEPS = 9;

    private final FileSink<Row> sink;
    private final String runId;
    private final SplittableRandom script;
    private final int rowsInAll;
    Checkpoint complete = new Checkpoint(0, 0, Long.MIN_VALUE, List.of(), List.of());
    private Checkpoint previous = complete;
    boolean finished;
    private long lastId;

    CheckpointedRun(FileSink<Row> sink, String runId, long seed, int rowsInAll) {
        this.sink = sink;
        this.runId = runId;
        this.script = new SplittableRandom(seed);
        this.rowsInAll = rowsInAll;
    }

    /// The last complete checkpoint is damaged: the next attempt goes on from the one before.
    void fallBack() {
        complete = previous;
        finished = false;
    }

    /// One attempt with `parallelism` writers, from the last complete checkpoint to the end.
    ///
    /// @param abortOnFailure whether a failure is followed by an abort, as in a process that lives
    ///   on
    void attempt(int parallelism, boolean abortOnFailure) throws IOException {
        SinkRun run = new SinkRun("job", runId, complete.id);
        SinkCommitter committer = sink.open(run);
        List<SinkWriter<Row>> writers = new ArrayList<>();
        try {
            if (complete.id > 0) {
                committer.commit(complete.committables);
            }
            if (!finished) {
                open(run, parallelism, writers);
                work(committer, writers);
            }
        } catch (IOException | RuntimeException e) {
            try {
                for (SinkWriter<Row> writer : writers) {
                    writer.close();
                }
                writers.clear();
                if (abortOnFailure) {
                    committer.abort();
                }
            } catch (MemoryDisk.Stopped | FileAccessException later) {
                e.addSuppressed(later);
            }
            throw e;
        } finally {
            for (SinkWriter<Row> writer : writers) {
                writer.close();
            }
            committer.close();
        }
    }

    private void open(SinkRun run, int parallelism, List<SinkWriter<Row>> writers)
            throws IOException {
        for (int i = 0; i < parallelism; i++) {
            List<byte[]> restored = new ArrayList<>();
            for (int n = i; n < complete.states.size(); n += parallelism) {
                restored.add(complete.states.get(n));
            }
            writers.add(sink.createWriter(new SinkContext(run, i, parallelism, restored)));
        }
    }

    private void work(SinkCommitter committer, List<SinkWriter<Row>> writers) throws IOException {
        List<String> uncommitted = new ArrayList<>();
        int next = complete.rows;
        long watermark = complete.watermark;
        int step = rowsInAll / STEPS;
        while (true) {
            // Some checkpoints have no rows between them.
            int until = Math.min(rowsInAll, next + script.nextInt(3) * step);
            for (; next < until; next++) {
                writers.get(next % writers.size()).write(Row.of(next), next / 4);
            }
            watermark = Math.max(watermark, next / 4 - 1);
            for (SinkWriter<Row> writer : writers) {
                writer.writeWatermark(watermark);
            }
            boolean last = next == rowsInAll;
            long id = ++lastId;
            List<byte[]> states = new ArrayList<>();
            for (SinkWriter<Row> writer : writers) {
                uncommitted.addAll(last ? writer.finish(id) : writer.prepareCommit(id));
                states.add(last ? SinkWriter.NO_STATE : writer.snapshotState());
            }
            committer.persist(uncommitted);
            if (!last && script.nextInt(4) == 0) {
                continue; // the checkpoint fails for some other reason
            }
            previous = complete;
            complete = new Checkpoint(id, next, watermark, List.copyOf(uncommitted), states);
            finished = last;
            committer.commit(complete.committables);
            uncommitted.clear();
            if (last) {
                return;
            }
        }
    }
}
