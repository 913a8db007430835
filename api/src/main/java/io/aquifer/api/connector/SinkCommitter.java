package io.aquifer.api.connector;

import java.io.IOException;
import java.util.List;

/// Makes visible what the writers of one sink have written, in one attempt of a run. Used by one
/// thread at a time.
///
/// A checkpoint goes: writers hand over committables ([SinkWriter#prepareCommit]), [#persist] for
/// all of them, the checkpoint is complete, [#commit]. When the process ends in between, the next
/// attempt either commits the same committables again, because the checkpoint was complete, or has
/// them removed by [Sink#open], because it was not.
public interface SinkCommitter extends AutoCloseable {
    /// For sinks whose records are visible as they are written.
    SinkCommitter NONE =
            new SinkCommitter() {
                @Override
                public void persist(List<String> committables) {}

                @Override
                public void commit(List<String> committables) {}

                @Override
                public void abort() {}

                @Override
                public void close() {}
            };

    /// Brings to the disk what the committables stand for, still invisible.
    void persist(List<String> committables) throws IOException;

    /// Makes visible what the committables stand for. What is visible already, because an earlier
    /// attempt was interrupted in this call, is left as it is.
    ///
    /// @param committables what the writers returned, in their order, those of an earlier
    ///   checkpoint first
    void commit(List<String> committables) throws IOException;

    /// Removes what this attempt has written and not committed. Does not throw for what is already
    /// gone.
    void abort() throws IOException;

    /// Ends the attempt: gives up what [Sink#open] took. Called exactly once. What is neither
    /// committed nor aborted stays, for the run's next attempt.
    @Override
    void close() throws IOException;
}
