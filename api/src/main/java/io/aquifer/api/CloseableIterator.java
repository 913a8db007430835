package io.aquifer.api;

import java.util.Iterator;

/// Results of a running job. Closing it cancels the job when it still runs. Used by one thread.
public interface CloseableIterator<T> extends Iterator<T>, AutoCloseable {
    @Override
    void close();
}
