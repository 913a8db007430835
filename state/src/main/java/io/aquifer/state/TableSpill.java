package io.aquifer.state;

import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.LocalRunFiles;
import io.aquifer.state.run.Pacer;
import io.aquifer.state.run.RunDescription;
import io.aquifer.state.run.RunFiles;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Where tables put what does not fit into memory, and who merges it there; shared by the tables of
/// a job.
///
/// **Threads.** Any.
public final class TableSpill implements AutoCloseable {
    private static final long IDLE_SECONDS = 5;

    /// So that a small merge does not wait for the large one of another table.
    private static final int MERGES = 2;

    private final RunFiles files;
    private final Executor executor;
    private final Executor snapshots;
    private final Pacer pacer;
    private final AutoCloseable end;

    /// @param executor runs merges, one thread at a time or many; a merge ends soon after its table
    /// @param snapshots writes snapshots, one piece after the other
    TableSpill(
            RunFiles files, Executor executor, Executor snapshots, Pacer pacer, AutoCloseable end) {
        this.files = files;
        this.executor = executor;
        this.snapshots = snapshots;
        this.pacer = pacer;
        this.end = end;
    }

    /// Files in a directory, which need not exist yet, and threads that merge them, two at most,
    /// and one that writes snapshots, each there while it has something to do.
    public static TableSpill in(Path directory) {
        LocalRunFiles files = LocalRunFiles.at(directory);
        ThreadPoolExecutor merges = threads(MERGES, "aquifer-merge");
        ThreadPoolExecutor snapshots = threads(1, "aquifer-snapshot");
        return new TableSpill(
                files,
                merges,
                snapshots,
                Pacer.UNLIMITED,
                () -> {
                    merges.close();
                    snapshots.close();
                    files.close();
                });
    }

    private static ThreadPoolExecutor threads(int count, String name) {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        count,
                        count,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, name);
                            thread.setDaemon(true);
                            return thread;
                        });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /// Waits for the merge under way and removes all files. The tables were closed before. Closing
    /// again does nothing.
    @Override
    public void close() throws IOException {
        try {
            end.close();
        } catch (IOException | RuntimeException refused) {
            throw refused;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// What a table's files say of it.
    ///
    /// @param owner whose the table is, as messages name it
    /// @param header operator, subtask and key groups
    /// @param section name, kind and types of the state
    /// @param keyGroupBits those of its routing
    public record Table(
            String owner, StateFileHeader header, StateSection section, int keyGroupBits) {
        RunDescription description() {
            return new RunDescription(header, section, keyGroupBits);
        }
    }

    RunFiles files() {
        return files;
    }

    Executor executor() {
        return executor;
    }

    Executor snapshots() {
        return snapshots;
    }

    Pacer pacer() {
        return pacer;
    }

    @Override
    public String toString() {
        return files.toString();
    }
}
