package io.aquifer.engine.checkpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a complete checkpoint holds: everything a job needs to go on from it, but for the state
/// files it names.
///
/// @param id rises within a state directory, from 1
/// @param kind why it was taken
/// @param started by the clock of the machine, which may have been set since
/// @param took from the trigger until every part of it was on the disk
/// @param interval between the run's checkpoints: what is read again when the job goes on from this
///   one; zero when it takes none but the last
/// @param sourceRecords records the run's sources had read
/// @param rejects rejected input by reason
/// @param counters the functions' own counters by name
public record CheckpointManifest(
        long id,
        String runId,
        String jobName,
        Kind kind,
        Instant started,
        Duration took,
        Duration interval,
        long sourceRecords,
        Map<String, Long> rejects,
        Map<String, Long> counters,
        List<OperatorState> operators) {
    /// Why a checkpoint was taken.
    public enum Kind {
        PERIODIC,
        /// The job was asked to stop.
        STOP,
        /// All input was read and processed; what is left is to make output visible.
        FINAL
    }

    public CheckpointManifest {
        rejects = Map.copyOf(rejects);
        counters = Map.copyOf(counters);
        operators = List.copyOf(operators);
    }

    /// One operator of the job.
    ///
    /// @param id the author's uid, or one made from the place in the graph
    /// @param name as in reports
    /// @param type the operation, such as `KeyedProcess`; for sinks with the sink's name
    /// @param watermark event time at the operator's input (a source's: at its output);
    ///   [Long#MIN_VALUE] before the first
    /// @param splits a source's, in its order, those that were not started included
    /// @param files the state of its subtasks; a subtask without state has none
    /// @param committables a sink's, to be committed again when the job goes on from here
    public record OperatorState(
            String id,
            String name,
            String type,
            int parallelism,
            int maxParallelism,
            long watermark,
            List<SplitPosition> splits,
            List<StateFile> files,
            List<String> committables) {
        public OperatorState {
            splits = List.copyOf(splits);
            files = List.copyOf(files);
            committables = List.copyOf(committables);
        }
    }

    /// How far a split was read.
    ///
    /// @param splitId as the source gave it, with the bounds it had
    /// @param position where reading goes on
    /// @param status where reading stands
    /// @param description the position as a user reads it
    public record SplitPosition(
            String splitId,
            long start,
            long end,
            long position,
            Status status,
            String description) {
        /// Whether a split was read.
        public enum Status {
            WAITING,
            STARTED,
            DONE
        }
    }

    /// A file of the checkpoint: one with entries, or a run of one state. Runs of one subtask and
    /// state follow one another, the newest first.
    ///
    /// @param path relative to the state directory, so that a later checkpoint may name the file of
    ///   an earlier one; a run may be there once for each subtask
    /// @param subtask whose state it is
    /// @param firstKeyGroup of a run, the lowest key group that counts; -1 for a file with entries
    /// @param lastKeyGroup of a run, the highest key group that counts; -1 for a file with entries
    public record StateFile(
            String path, int subtask, long bytes, int firstKeyGroup, int lastKeyGroup) {
        /// A file with entries.
        public StateFile(String path, int subtask, long bytes) {
            this(path, subtask, bytes, -1, -1);
        }

        public boolean isRun() {
            return firstKeyGroup >= 0;
        }
    }

    /// Where the splits stand that were being read, as a user reads it.
    public List<String> positions() {
        List<String> positions = new ArrayList<>();
        for (OperatorState operator : operators) {
            for (SplitPosition split : operator.splits()) {
                if (split.status() == SplitPosition.Status.STARTED) {
                    positions.add(split.description());
                }
            }
        }
        return positions;
    }

    /// The bytes of all state files, each counted once.
    public long stateBytes() {
        Set<String> seen = new HashSet<>();
        long bytes = 0;
        for (OperatorState operator : operators) {
            for (StateFile file : operator.files()) {
                if (seen.add(file.path())) {
                    bytes += file.bytes();
                }
            }
        }
        return bytes;
    }
}
