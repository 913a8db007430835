package io.aquifer.api.connector;

import io.aquifer.api.types.TypeInformation;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// Where records come from: a list of splits, and a reader for each of them.
///
/// A source is a description and is shared by all subtasks, so it must not change once the job
/// runs.
///
/// | Call               | Who calls                  | How often                   |
/// |--------------------|----------------------------|-----------------------------|
/// | [#splits]          | the job's starting thread  | once a run, before any task |
/// | [#createReader]    | the subtask that reads it  | once a split and attempt    |
public interface Source<T> {
    /// The short name that progress, reports and messages use, such as `flights.csv`.
    String name();

    TypeInformation<T> producedType();

    /// The splits in the order in which they should be read. Never empty: a source without data
    /// throws.
    ///
    /// @throws IOException with a message for the user when the data is missing, unreadable or not
    ///   what it claims
    List<SourceSplit> splits() throws IOException;

    /// Opens `split` at `position`: the split's start, or what [SourceReader#position] said in an
    /// earlier attempt.
    SourceReader<T> createReader(SourceSplit split, long position) throws IOException;

    /// A position as a user reads it: `row 1,203,114 of flights.csv`.
    default String describe(SourceSplit split, long position) {
        return "position " + String.format(Locale.ROOT, "%,d", position) + " of " + split.id();
    }

    /// The most records a second that the engine should read, over all subtasks; 0 for as fast as
    /// they can be processed.
    default long recordsPerSecond() {
        return 0;
    }

    /// This source, read no faster than `recordsPerSecond`.
    default Source<T> atRate(long recordsPerSecond) {
        return new RateLimitedSource<>(this, recordsPerSecond);
    }
}
