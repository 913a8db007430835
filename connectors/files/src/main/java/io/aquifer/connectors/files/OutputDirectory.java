package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkRun;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// A sink's files during one attempt of a run: what is removed, what becomes visible, and in which
/// order, so that whenever it is interrupted every visible file is whole and known to be ours.
///
/// | Step of a commit                             | Interrupted behind it, the next attempt         |
/// |----------------------------------------------|-------------------------------------------------|
/// | 1. the manifest names what becomes visible   | commits the same again: nothing has moved       |
/// | 2. hidden files get their visible names      | moves those whose hidden name is still there    |
/// | 3. an earlier run's files are removed        | removes those the manifest still calls old      |
/// | 4. the manifest names what is visible        | has nothing to do                               |
///
/// An attempt that goes on from a checkpoint begins with the commit of that checkpoint, also when
/// there is nothing in it: only then is known which hidden files are leftovers.
final class OutputDirectory implements SinkCommitter {
    private final OutputPlace place;
    private final SinkRun run;
    private final Closeable lock;

    /// Hidden files of complete checkpoints, which stay until they are visible.
    private final Set<String> owed = new HashSet<>();

    private boolean begun;

    private OutputDirectory(OutputPlace place, SinkRun run, Closeable lock) {
        this.place = place;
        this.run = run;
        this.lock = lock;
    }

    /// Makes the directory, takes its lock, and looks whose files are there.
    static OutputDirectory open(OutputPlace place, SinkRun run) throws IOException {
        if (!OutputNames.isRunId(run.runId())) {
            throw new IllegalArgumentException(
                    "a run's id is letters and digits, not '" + run.runId() + "'");
        }
        place.makeDirectory();
        Closeable lock;
        try {
            lock =
                    place.disk()
                            .lock(
                                    place.directory().resolve(place.names().lock()),
                                    new OutputLock.Owner(place.all(), run.jobName(), run.runId()));
        } catch (FileAccessException e) {
            throw e;
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(place.directory(), e);
        }
        try {
            OutputDirectory output = new OutputDirectory(place, run, lock);
            Manifest found = place.readManifest();
            if (run.restoredCheckpoint() == 0) {
                output.startAfresh(found);
            } else {
                output.goOn(found);
            }
            return output;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /// What earlier runs made visible, and an earlier start of this one, is old; what they left
    /// hidden is removed.
    private void startAfresh(@Nullable Manifest found) throws IOException {
        SortedSet<String> old = new TreeSet<>();
        if (found != null) {
            Manifest settled = settled(found, false);
            old.addAll(settled.old());
            old.addAll(settled.parts());
        }
        place.refuseStrangers(old);
        if (found != null) {
            place.removeHidden(found.runId(), Set.of());
        }
        place.write(Manifest.of(run.runId(), old));
        begun = true;
    }

    /// Takes what was moved and is still pending for visible, and forgets the rest of it, before
    /// its hidden files go: a name that somebody else gives a file later must not be called ours.
    ///
    /// @param keep whether files of checkpoints stay pending
    private Manifest settled(Manifest manifest, boolean keep) throws IOException {
        SortedSet<String> parts = new TreeSet<>(manifest.parts());
        SortedMap<String, String> pending = new TreeMap<>();
        for (Map.Entry<String, String> entry : manifest.pending().entrySet()) {
            String visible = entry.getKey();
            if (keep && place.names().checkpoint(visible) > 0) {
                pending.put(visible, entry.getValue());
            } else if (place.isMoved(entry.getValue(), visible)) {
                parts.add(visible);
            }
        }
        Manifest settled = new Manifest(manifest.runId(), manifest.old(), parts, pending);
        if (!settled.equals(manifest)) {
            place.write(settled);
        }
        return settled;
    }

    private void goOn(@Nullable Manifest found) throws IOException {
        if (found == null || !found.runId().equals(run.runId())) {
            throw lost(
                    place.names().manifest()
                            + (found == null
                                    ? " is not there"
                                    : " names run " + found.runId() + ", which came later"));
        }
        Set<String> ours = new HashSet<>(found.old());
        ours.addAll(found.parts());
        for (Map.Entry<String, String> entry : found.pending().entrySet()) {
            if (place.isMoved(entry.getValue(), entry.getKey())) {
                ours.add(entry.getKey());
            }
        }
        place.refuseStrangers(ours);
        for (String name : found.upTo(run.restoredCheckpoint(), place.names()).parts()) {
            if (!place.exists(name)) {
                throw lost(name + " is not there");
            }
        }
    }

    private FileAccessException lost(String why) {
        return FileAccessException.of(
                "cannot go on with job '"
                        + run.jobName()
                        + "' from checkpoint "
                        + run.restoredCheckpoint()
                        + ": what it wrote to "
                        + place.all()
                        + " until then is lost, "
                        + why
                        + ". Bring the directory back, or start the job afresh.");
    }

    @Override
    public void persist(List<String> committables) throws IOException {
        if (committables.isEmpty()) {
            return;
        }
        for (Part part : parts(committables)) {
            if (place.exists(part.hidden())) {
                place.force(part.hidden());
            } else if (!part.ifAlone() && !place.exists(part.visible())) {
                throw gone(part);
            }
        }
        place.forceDirectory();
    }

    private List<Part> parts(List<String> committables) {
        List<Part> parts = new ArrayList<>();
        for (String committable : committables) {
            parts.add(Part.of(committable, place.names(), run.runId()));
        }
        return parts;
    }

    @Override
    public void commit(List<String> committables) throws IOException {
        List<Part> parts = parts(committables);
        for (Part part : parts) {
            if (place.names().checkpoint(part.visible()) > 0) {
                owed.add(part.hidden());
            }
        }
        if (begun && parts.isEmpty()) {
            return;
        }
        Manifest manifest = current();
        if (!begun) {
            manifest = begin(manifest);
        }
        Map<String, Part> todo = new LinkedHashMap<>();
        manifest.pending()
                .forEach((visible, hidden) -> todo.put(visible, new Part(hidden, visible, false)));
        for (Part part : parts) {
            if (!part.ifAlone() && !isDone(manifest, part)) {
                todo.put(part.visible(), part);
            }
        }
        List<Part> unused = new ArrayList<>();
        for (Part part : parts) {
            if (part.ifAlone() && !todo.containsKey(part.visible()) && !isDone(manifest, part)) {
                if (todo.isEmpty() && manifest.parts().isEmpty()) {
                    todo.put(part.visible(), part);
                } else {
                    unused.add(part);
                }
            }
        }
        if (!todo.isEmpty()) {
            show(manifest, todo);
        }
        for (Part part : unused) {
            place.delete(part.hidden());
        }
        if (!begun) {
            place.removeHidden(run.runId(), Set.of());
            begun = true;
        }
        owed.clear();
    }

    private boolean isDone(Manifest manifest, Part part) throws IOException {
        return manifest.parts().contains(part.visible()) && !place.exists(part.hidden());
    }

    private Manifest current() throws IOException {
        Manifest manifest = place.readManifest();
        if (manifest == null || !manifest.runId().equals(run.runId())) {
            throw FileAccessException.of(
                    "cannot commit to "
                            + place.all()
                            + ": somebody else removed or replaced "
                            + place.names().manifest()
                            + ". Run the job again.");
        }
        return manifest;
    }

    /// Takes back what was committed behind the checkpoint that the run goes on from: it is written
    /// again.
    private Manifest begin(Manifest manifest) throws IOException {
        Manifest kept = manifest.upTo(run.restoredCheckpoint(), place.names());
        if (kept.equals(manifest)) {
            return manifest;
        }
        for (String visible : manifest.parts()) {
            if (!kept.parts().contains(visible)) {
                place.delete(visible);
            }
        }
        for (Map.Entry<String, String> entry : manifest.pending().entrySet()) {
            if (!kept.pending().containsKey(entry.getKey())
                    && place.isMoved(entry.getValue(), entry.getKey())) {
                place.delete(entry.getKey());
            }
        }
        place.write(kept);
        return kept;
    }

    private void show(Manifest manifest, Map<String, Part> todo) throws IOException {
        SortedMap<String, String> pending = new TreeMap<>();
        for (Part part : todo.values()) {
            String visible = part.visible();
            boolean hiddenThere = place.exists(part.hidden());
            boolean visibleThere = place.exists(visible);
            boolean known = manifest.pending().containsKey(visible);
            if (!hiddenThere && !(visibleThere && known)) {
                throw gone(part);
            }
            if (hiddenThere
                    && visibleThere
                    && !manifest.old().contains(visible)
                    && !(known && place.isMoved(part.hidden(), visible))) {
                throw place.inTheWay(visible);
            }
            pending.put(visible, part.hidden());
        }
        if (!pending.equals(manifest.pending())) {
            place.write(new Manifest(run.runId(), manifest.old(), manifest.parts(), pending));
        }
        for (Part part : todo.values()) {
            if (place.exists(part.hidden())) {
                place.publish(
                        part.hidden(), part.visible(), manifest.old().contains(part.visible()));
            }
        }
        place.forceDirectory();
        for (String name : manifest.old()) {
            if (!pending.containsKey(name)) {
                place.delete(name);
            }
        }
        SortedSet<String> parts = new TreeSet<>(manifest.parts());
        parts.addAll(pending.keySet());
        place.write(new Manifest(run.runId(), new TreeSet<>(), parts, new TreeMap<>()));
    }

    private FileAccessException gone(Part part) {
        return FileAccessException.of(
                "cannot commit "
                        + place.directory().resolve(part.visible())
                        + ": "
                        + place.directory().resolve(part.hidden())
                        + " is gone. Somebody else removed it; run the job again.");
    }

    /// Removes what was written and belongs to no complete checkpoint.
    @Override
    public void abort() throws IOException {
        if (!begun) {
            return; // nothing was written: hidden files may be the restored checkpoint's
        }
        if (!place.disk().exists(place.directory())) {
            return;
        }
        Set<String> spared = new HashSet<>(owed);
        Manifest manifest = place.readManifest();
        if (manifest != null && manifest.runId().equals(run.runId())) {
            spared.addAll(settled(manifest, true).pending().values());
        }
        place.removeHidden(run.runId(), spared);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
