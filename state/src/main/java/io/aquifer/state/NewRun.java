package io.aquifer.state;

import io.aquifer.state.run.Run;
import io.aquifer.state.run.RunDescription;
import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.RunPages;
import io.aquifer.state.run.RunWriter;

import java.io.IOException;

/// A run that is being written; its file goes unless it was finished. **Threads.** One at a time.
final class NewRun implements AutoCloseable {
    private final RunFile file;
    private final RunDescription description;
    private final RunPages pages;
    private final RunWriter out;
    private boolean finished;

    /// @param file empty; this object's from now on
    NewRun(RunFile file, RunDescription description, RunPages pages, RunWriter out) {
        this.file = file;
        this.description = description;
        this.pages = pages;
        this.out = out;
    }

    RunWriter out() {
        return out;
    }

    /// Completes the run and opens it; it is the caller's.
    Run finish() throws IOException {
        out.finish();
        out.close();
        // Opening releases the file if it fails.
        finished = true;
        return Run.open(file, description, pages);
    }

    @Override
    public void close() {
        out.close();
        if (!finished) {
            finished = true;
            file.release();
        }
    }
}
