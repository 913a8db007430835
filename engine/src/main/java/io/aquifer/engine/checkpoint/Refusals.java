package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.StateDirectory.Request;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Why a state directory is not opened, in words that are complete for the user. Changes nothing.
final class Refusals {
    private static final int NAMES_MAX = 3;

    private Refusals() {}

    static String of(Request request) {
        return "state directory " + request.directory();
    }

    /// Refuses a directory that is not the job's.
    static void check(Request request, Contents contents) {
        if (contents.foreignRun()) {
            throw refused(
                    request,
                    " holds a 'run' that is not Aquifer's file, so that there is no place for it."
                            + " Choose another directory. If it was Aquifer's and is damaged,"
                            + " delete it and start afresh with --force.");
        }
        JobRunFile run = contents.run();
        if (run == null) {
            checkWithoutRun(request, contents);
        } else if (!run.jobName().equals(request.jobName())) {
            checkOtherJob(request, run);
        }
    }

    private static void checkWithoutRun(Request request, Contents contents) {
        if (!request.force()) {
            if (!contents.runProblem().isEmpty()) {
                throw refused(
                        request,
                        " is damaged: "
                                + contents.runProblem()
                                + ". Which run its checkpoints"
                                + " belong to is not known. Choose another directory, or start"
                                + " afresh with --force; its checkpoints are removed then.");
            }
            if (!contents.foreign().isEmpty()) {
                throw refused(
                        request,
                        " holds files that are not Aquifer state ("
                                + names(contents.foreign())
                                + "). Choose another directory, or give --force to use it anyway;"
                                + " nothing of it will be touched but Aquifer's own files.");
            }
            if (!contents.ids().isEmpty()) {
                throw refused(
                        request,
                        " holds checkpoints ("
                                + names(
                                        contents.ids().stream()
                                                .map(CheckpointNames::directory)
                                                .toList())
                                + ") but no file 'run', which says whose they are. Put it back,"
                                + " choose another directory, or start afresh with --force; the"
                                + " checkpoints are removed then.");
            }
        }
        if (request.checkpoint() != 0) {
            throw refused(
                    request,
                    " holds no checkpoint "
                            + request.checkpoint()
                            + ": it holds none of job "
                            + TabbedText.quote(request.jobName())
                            + ". Start without --from-checkpoint, or choose another directory.");
        }
    }

    private static void checkOtherJob(Request request, JobRunFile run) {
        String belongs =
                " belongs to job "
                        + TabbedText.quote(run.jobName())
                        + ", not to job "
                        + TabbedText.quote(request.jobName());
        if (request.checkpoint() != 0) {
            throw refused(
                    request,
                    belongs
                            + ", which cannot go on from another job's checkpoint "
                            + request.checkpoint()
                            + ". Choose another directory.");
        }
        if (!request.force()) {
            throw refused(
                    request,
                    belongs
                            + ". Choose another directory, or give --force to use it anyway; the"
                            + " checkpoints of job "
                            + TabbedText.quote(run.jobName())
                            + " are removed then.");
        }
    }

    /// The checkpoint that was asked for, if it is whole.
    static Candidate chosen(Request request, TreeMap<Long, Candidate> candidates) {
        Candidate chosen = candidates.get(request.checkpoint());
        if (chosen == null) {
            throw refused(
                    request,
                    " holds no checkpoint "
                            + request.checkpoint()
                            + " of job "
                            + TabbedText.quote(request.jobName())
                            + ". It holds "
                            + list(candidates.descendingMap().values().stream().toList())
                            + ". Give one that is there, or none for the latest.");
        }
        if (!chosen.problem().isEmpty()) {
            List<Candidate> whole = new ArrayList<>();
            for (Candidate candidate : candidates.descendingMap().values()) {
                if (candidate.problem().isEmpty()) {
                    whole.add(candidate);
                }
            }
            throw refused(
                    request,
                    ": checkpoint "
                            + chosen.id()
                            + " is damaged: "
                            + chosen.problem()
                            + ". Whole: "
                            + list(whole)
                            + '.');
        }
        return chosen;
    }

    /// Refuses to go on from a damaged checkpoint, unless none is whole and the request is to begin
    /// anew.
    static void damaged(Request request, Candidate latest, TreeMap<Long, Candidate> candidates) {
        String damaged = ": checkpoint " + latest.id() + " is damaged: " + latest.problem() + ". ";
        for (Candidate earlier : candidates.headMap(latest.id(), false).descendingMap().values()) {
            if (earlier.problem().isEmpty()) {
                String older = earlier.olderThan(latest);
                throw refused(
                        request,
                        damaged
                                + "Checkpoint "
                                + earlier.id()
                                + older
                                + (older.isEmpty() ? "" : ",")
                                + " is whole: go on from it with --from-checkpoint "
                                + earlier.id());
            }
        }
        if (!request.force()) {
            throw refused(
                    request,
                    damaged
                            + "No earlier checkpoint is whole. Start afresh with --force, which"
                            + " removes what is left of them, or choose another directory.");
        }
    }

    private static String list(List<Candidate> candidates) {
        return candidates.isEmpty()
                ? "none"
                : candidates.stream()
                        .map(candidate -> Long.toString(candidate.id()))
                        .collect(Collectors.joining(", "));
    }

    private static String names(List<String> names) {
        String first =
                names.stream()
                        .limit(NAMES_MAX)
                        .map(Refusals::plain)
                        .collect(Collectors.joining(", "));
        return names.size() <= NAMES_MAX ? first : first + ", ...";
    }

    /// A file name on one line.
    private static String plain(String name) {
        String quoted = TabbedText.quote(name);
        return quoted.substring(1, quoted.length() - 1);
    }

    private static StateDirectoryException refused(Request request, String problem) {
        return new StateDirectoryException(of(request) + problem, null);
    }
}
