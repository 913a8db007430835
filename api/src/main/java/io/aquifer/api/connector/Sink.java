package io.aquifer.api.connector;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/// Where records go. Each subtask writes through its own [SinkWriter]; what they wrote becomes
/// visible together.
///
/// | Call            | Who calls                 | When                                          |
/// |-----------------|---------------------------|-----------------------------------------------|
/// | [#prepare]      | the job's starting thread | once a run, before any task                   |
/// | [#createWriter] | each subtask              | once, when it starts                          |
/// | [#commit]       | the job's starting thread | once, after every writer of the job finished  |
/// | [#abort]        | the job's starting thread | once, instead of commit, when the job failed  |
public interface Sink<T> extends Serializable {
    /// The short name that progress, reports and messages use.
    String name();

    /// Checks early what would fail late: the directory can be made and written.
    default void prepare() throws IOException {}

    SinkWriter<T> createWriter(SinkContext context) throws IOException;

    /// Makes the output of all writers visible.
    ///
    /// @param committables what [SinkWriter#finish] returned, by subtask
    default void commit(List<String> committables) throws IOException {}

    /// Removes what unfinished writers left. Must not throw for what is already gone.
    default void abort() throws IOException {}
}
