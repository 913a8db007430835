package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.Seeds;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.MemoryDisk.PowerLoss;
import io.aquifer.engine.checkpoint.StateDirectory.Found;
import io.aquifer.engine.checkpoint.StateDirectory.Request;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Seeded histories of a state directory against a model, stopped at every disk operation.
///
/// Goal: whatever the moment, what is found next is what was before or after the step that was
/// interrupted, whole; no id is used twice; nothing is left over. Method: a history is run once to
/// count its disk operations and then again for each of them, with the process killed or the power
/// lost there; the disk in memory forgets what was not forced, so a missing or misplaced force
/// shows. Afterwards the history goes on, is interrupted a second time, and is checked again.
class StateDirectoryCrashTest {
    private static final int STEPS = 22;

    /// How a history is interrupted.
    private enum Stop {
        KILL,
        LOSES_ALL,
        LOSES_SOME
    }

    /// What a directory holds.
    private record Model(
            @Nullable String job,
            @Nullable String runId,
            boolean finished,
            TreeSet<Long> complete) {
        Model(@Nullable String job, @Nullable String runId, boolean finished) {
            this(job, runId, finished, new TreeSet<>());
        }

        Found found() {
            if (job == null) {
                return Found.NOTHING;
            }
            if (finished) {
                return Found.FINISHED_RUN;
            }
            return complete.isEmpty() ? Found.NO_CHECKPOINT : Found.CHECKPOINT;
        }

        long latest() {
            return finished || complete.isEmpty() ? 0 : complete.last();
        }
    }

    /// A history: drives a directory and knows what must be in it.
    private static final class History {
        private final Path root;
        private final FaultyDisk disk;
        private final SplittableRandom random;
        private final Map<String, byte[]> contents = new HashMap<>();
        private final Set<String> runIds = new TreeSet<>();
        private final Map<CheckpointDraft, List<StateFile>> drafts = new HashMap<>();
        private final List<ContentRun> runs = new ArrayList<>();
        private Model model = new Model(null, null, false);
        private Model next = model;
        private long highestUsed;
        private @Nullable StateDirectory directory;
        private int retained = 3;

        History(Disk disk, Path root, long seed) {
            this.disk = new FaultyDisk(disk);
            this.root = root;
            this.random = new SplittableRandom(seed);
        }

        /// Goes on until the disk refused.
        void run(int steps) throws IOException {
            for (int step = 0; step < steps && !disk.refused(); step++) {
                try {
                    step();
                    model = next;
                } catch (IOException | StateDirectoryException e) {
                    assertThat(disk.refused()).as("only the disk may refuse: " + e).isTrue();
                }
            }
        }

        private void step() throws IOException {
            next = model;
            StateDirectory current = directory;
            if (current == null) {
                openSomehow();
                return;
            }
            int choice = random.nextInt(100);
            if (choice < 30 && drafts.size() < 2) {
                begin(current);
            } else if (choice < 85 && !drafts.isEmpty()) {
                CheckpointDraft draft = anyDraft();
                if (choice < 55) {
                    writeFile(draft);
                } else if (choice < 80) {
                    complete(current, draft);
                } else {
                    drafts.remove(draft);
                    draft.abort();
                }
            } else if (choice < 90) {
                next = new Model(model.job(), model.runId(), true, model.complete());
                current.finished();
                model = next;
                closing(current);
            } else if (choice < 96) {
                closing(current);
            }
        }

        private void closing(StateDirectory current) {
            directory = null;
            drafts.clear();
            runs.clear();
            current.close();
        }

        private void openSomehow() {
            int choice = random.nextInt(100);
            retained = 1 + random.nextInt(3);
            String job = model.job() == null ? "flights" : model.job();
            if (choice < 15 && !model.complete().isEmpty()) {
                List<Long> ids = List.copyOf(model.complete());
                long from = ids.get(random.nextInt(ids.size()));
                next =
                        new Model(
                                job,
                                model.runId(),
                                false,
                                new TreeSet<>(model.complete().headSet(from, true)));
                open(new Request(root, job, retained, false, from), Found.CHECKPOINT, from);
            } else if (choice < 25) {
                String other = job.equals("flights") ? "airports\n" : "flights";
                next = new Model(other, null, false);
                open(new Request(root, other, retained, true, 0), Found.NOTHING, 0);
            } else {
                boolean anew = model.job() == null || model.finished();
                next = anew ? new Model(job, null, false) : model;
                open(new Request(root, job, retained, false, 0), model.found(), model.latest());
            }
        }

        private void open(Request request, Found found, long latest) {
            StateDirectory opened =
                    StateDirectory.open(request, Samples.surroundings(disk, random.nextLong()));
            directory = opened;
            assertThat(opened.found()).isEqualTo(found);
            assertThat(opened.latest().map(CheckpointManifest::id).orElse(0L)).isEqualTo(latest);
            assertThat(opened.nextId()).as("id").isGreaterThan(highestUsed);
            if (next.runId() == null) {
                assertThat(runIds.add(opened.runId())).as("new run id").isTrue();
                next = new Model(next.job(), opened.runId(), false, next.complete());
            } else {
                assertThat(opened.runId()).isEqualTo(next.runId());
            }
        }

        private void begin(StateDirectory current) throws IOException {
            long id = current.nextId() + (random.nextInt(10) == 0 ? 3 : 0);
            drafts.put(current.begin(id), new ArrayList<>());
            highestUsed = id;
        }

        private CheckpointDraft anyDraft() {
            List<CheckpointDraft> all = new ArrayList<>(drafts.keySet());
            all.sort((a, b) -> Long.compare(a.id(), b.id()));
            return all.get(random.nextInt(all.size()));
        }

        private void writeFile(CheckpointDraft draft) throws IOException {
            List<StateFile> files = drafts.get(draft);
            String operator = "op-" + files.size();
            if (random.nextInt(3) == 0) {
                addRun(draft, operator, files);
                return;
            }
            byte[] content = Samples.content(random);
            Samples.write(draft.create(operator, 0), content);
            StateFile file = draft.file(operator, 0, content.length);
            files.add(file);
            contents.put(file.path(), content);
        }

        /// A new run, or one that an earlier checkpoint may have.
        private void addRun(CheckpointDraft draft, String operator, List<StateFile> files)
                throws IOException {
            if (runs.isEmpty() || random.nextBoolean()) {
                runs.add(new ContentRun(Samples.content(random)));
            }
            ContentRun run = runs.get(random.nextInt(runs.size()));
            StateFile file = draft.addRun(operator, 0, run, 0, 127);
            contents.put(file.path(), run.content());
            if (isNew(file, files)) {
                files.add(file);
            }
        }

        private static boolean isNew(StateFile file, List<StateFile> files) {
            return files.stream().noneMatch(known -> known.path().equals(file.path()));
        }

        private void complete(StateDirectory current, CheckpointDraft draft) throws IOException {
            List<StateFile> files = new ArrayList<>(drafts.remove(draft));
            if (!files.isEmpty() && random.nextInt(5) == 0) {
                files.removeLast(); // written, but not named
            }
            // as an incremental checkpoint names files of the one before
            current.latest()
                    .filter(before -> random.nextInt(3) == 0 && before.id() < draft.id())
                    .ifPresent(
                            before ->
                                    before.operators().stream()
                                            .flatMap(operator -> operator.files().stream())
                                            .filter(file -> isNew(file, files))
                                            .limit(1)
                                            .forEach(files::add));
            TreeSet<Long> complete = new TreeSet<>(model.complete());
            complete.add(draft.id());
            while (complete.size() > retained) {
                complete.pollFirst();
            }
            next = new Model(model.job(), model.runId(), false, complete);
            draft.complete(
                    Samples.manifest(current, String.valueOf(model.job()), draft.id(), files));
        }

        /// Opens the directory after an interruption and checks what is found.
        void reopen() throws IOException {
            disk.works();
            directory = null;
            drafts.clear();
            runs.clear();
            List<Model> possible = new ArrayList<>(List.of(model));
            if (next != model) {
                possible.add(next);
            }
            String job = model.job() == null ? "flights" : model.job();
            StateDirectory opened;
            try {
                opened = good(job);
                possible.removeIf(m -> m.job() != null && !m.job().equals(job));
            } catch (StateDirectoryException e) {
                assertThat(e).hasMessageContaining("belongs to job");
                String other = String.valueOf(next.job());
                possible.removeIf(m -> !other.equals(m.job()));
                opened = good(other);
            }
            directory = opened;
            String seen = opened.found() + " " + opened.latest().map(CheckpointManifest::id);
            long latest = opened.latest().map(CheckpointManifest::id).orElse(0L);
            Found found = opened.found();
            Model match =
                    possible.stream()
                            .filter(m -> m.found() == found && m.latest() == latest)
                            .findFirst()
                            .orElse(null);
            assertThat(match).as(seen + " is none of " + possible).isNotNull();
            boolean anew = found == Found.NOTHING || found == Found.FINISHED_RUN;
            if (anew) {
                assertThat(runIds.add(opened.runId())).as("new run id").isTrue();
            } else if (match.runId() != null) {
                assertThat(opened.runId()).isEqualTo(match.runId());
            }
            runIds.add(opened.runId());
            assertThat(opened.nextId()).as("id").isGreaterThan(highestUsed);
            TreeSet<Long> complete = checkAll(opened, anew ? 0 : latest);
            model =
                    new Model(
                            match.job() == null ? job : match.job(),
                            opened.runId(),
                            false,
                            complete);
            next = model;
        }

        private StateDirectory good(String job) {
            return StateDirectory.open(
                    new Request(root, job, retained, false, 0),
                    Samples.surroundings(disk, random.nextLong()));
        }

        /// That what is there is whole, and nothing else is there.
        private TreeSet<Long> checkAll(StateDirectory opened, long latest) throws IOException {
            StateReport report = StateReport.of(root, disk, Samples.CHECK);
            assertThat(report.runId()).isEqualTo(opened.runId());
            assertThat(report.heldBy()).isEqualTo("4711");
            TreeSet<Long> complete = new TreeSet<>();
            TreeSet<String> expected = new TreeSet<>();
            for (var checkpoint : report.checkpoints()) {
                assertThat(checkpoint.problems()).as("%s", checkpoint).isEmpty();
                complete.add(checkpoint.id());
                CheckpointManifest manifest = checkpoint.manifest();
                assertThat(manifest).isNotNull();
                expected.add(CheckpointNames.directory(checkpoint.id()) + "/manifest");
                Samples.contents(opened, manifest)
                        .forEach(
                                (path, bytes) -> {
                                    expected.add(path);
                                    assertThat(bytes).as(path).isEqualTo(contents.get(path));
                                });
            }
            assertThat(complete.isEmpty() ? 0 : complete.last()).isEqualTo(latest);
            assertThat(files()).isEqualTo(expected);
            return complete;
        }

        private TreeSet<String> files() throws IOException {
            TreeSet<String> files = new TreeSet<>();
            TreeSet<String> names = new TreeSet<>(disk.list(root));
            assertThat(names.remove("run")).isTrue();
            assertThat(names.remove("lock")).isTrue();
            for (String name : names) {
                List<String> inside = disk.list(root.resolve(name));
                assertThat(inside).as(name).isNotEmpty();
                inside.forEach(file -> files.add(name + '/' + file));
            }
            return files;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void history_stoppedAtAnyOperation_goesOnFromBeforeOrAfterTheStep(long seed)
            throws IOException {
        for (int variant = 0; variant < 8; variant++) {
            long variantSeed = seed + variant;
            int operations = historyInMemory(variantSeed, Integer.MAX_VALUE, Stop.KILL);
            for (Stop stop : Stop.values()) {
                for (int n = 0; n < operations; n++) {
                    try {
                        historyInMemory(variantSeed, n, stop);
                    } catch (AssertionError | StateDirectoryException e) {
                        throw new AssertionError(
                                "seed " + variantSeed + ", " + stop + " after " + n + " operations",
                                e);
                    }
                }
            }
        }
    }

    /// @return the disk operations of the history without interruption
    private static int historyInMemory(long seed, int stopAfter, Stop stop) throws IOException {
        MemoryDisk memory = new MemoryDisk();
        SplittableRandom random = new SplittableRandom(seed + 31L * stopAfter);
        History history = new History(memory, Path.of("/jobs/flights/state"), seed);
        history.disk.crashAfter(stopAfter);
        history.run(STEPS);
        int operations = history.disk.operations();
        stop(memory, stop, random);
        history.reopen();
        history.disk.crashAfter(random.nextInt(80));
        history.run(STEPS);
        stop(memory, Stop.values()[random.nextInt(3)], random);
        history.reopen();
        history.run(6);
        stop(memory, Stop.LOSES_ALL, random);
        history.reopen();
        return operations;
    }

    private static void stop(MemoryDisk memory, Stop stop, SplittableRandom random) {
        switch (stop) {
            case KILL -> memory.kill();
            case LOSES_ALL -> memory.lose(PowerLoss.LOSES_ALL, random);
            case LOSES_SOME -> memory.lose(PowerLoss.LOSES_SOME, random);
        }
    }

    @Test
    void historyOnARealDisk_killedAtAnyOperation_goesOn(@TempDir Path temp) throws IOException {
        History whole = new History(Disk.SYSTEM, temp.resolve("whole/state"), 7);
        whole.run(30);
        whole.disk.endProcess();
        int operations = whole.disk.operations();
        for (int n = 0; n < operations; n++) {
            History history = new History(Disk.SYSTEM, temp.resolve(n + "/state"), 7);
            history.disk.crashAfter(n);
            history.run(30);
            history.disk.endProcess();
            history.reopen();
            history.disk.endProcess();
        }
    }
}
