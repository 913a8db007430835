package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The files of a state directory on a disk, and the order in which they become durable. Knows no
/// lock and decides nothing. Any thread, but one writer of a file.
///
/// @param root without links
record CheckpointFiles(Disk disk, Path root, StateFileCheck check) {
    private static final int MANIFEST_BYTES_MAX = 1 << 30;

    /// @throws NoSuchFileException when there is none
    byte[] readRun() throws IOException {
        return disk.read(root.resolve(CheckpointNames.RUN), JobRunFile.MAX_BYTES);
    }

    /// Durable when it returns; when it throws, the file is the old or the new one.
    void writeRun(JobRunFile run) throws IOException {
        replace(root, CheckpointNames.RUN, run.toBytes());
    }

    /// Durable when it returns, and with it everything else in the checkpoint's directory; when it
    /// throws, there may be a manifest.
    void writeManifest(long id, byte[] manifest) throws IOException {
        replace(directory(id), CheckpointNames.MANIFEST, manifest);
    }

    /// At no time is there a file of the name that is not whole, or that is durable before what was
    /// in the directory before.
    private void replace(Path directory, String name, byte[] content) throws IOException {
        Path inProgress = directory.resolve(name + CheckpointNames.IN_PROGRESS);
        removeInProgress(directory, name);
        try (Disk.WritableFile file = disk.create(inProgress)) {
            ByteBuffer source = ByteBuffer.wrap(content);
            while (source.hasRemaining()) {
                file.write(source);
            }
            file.force();
        }
        disk.forceDirectory(directory);
        disk.move(inProgress, directory.resolve(name));
        disk.forceDirectory(directory);
    }

    /// Removes what an interrupted replacement left.
    void removeInProgress(Path directory, String name) throws IOException {
        disk.delete(directory.resolve(name + CheckpointNames.IN_PROGRESS));
    }

    Path directory(long id) {
        return root.resolve(CheckpointNames.directory(id));
    }

    /// Makes a checkpoint's directory, durably.
    void createDirectory(long id) throws IOException {
        disk.createDirectory(directory(id));
        disk.forceDirectory(root);
    }

    /// The ids of which there is a directory.
    TreeSet<Long> ids() throws IOException {
        TreeSet<Long> ids = new TreeSet<>();
        for (String name : disk.list(root)) {
            long id = CheckpointNames.id(name);
            if (id > 0 && disk.kind(root.resolve(name)) == Disk.Kind.DIRECTORY) {
                ids.add(id);
            }
        }
        return ids;
    }

    boolean hasManifest(long id) throws IOException {
        return disk.kind(directory(id).resolve(CheckpointNames.MANIFEST)) == Disk.Kind.FILE;
    }

    /// @throws CorruptTextException when it is damaged, or of another checkpoint or run
    CheckpointManifest readManifest(long id, JobRunFile run) throws IOException {
        Path file = directory(id).resolve(CheckpointNames.MANIFEST);
        String name = CheckpointNames.directory(id) + '/' + CheckpointNames.MANIFEST;
        CheckpointManifest manifest = ManifestText.parse(disk.read(file, MANIFEST_BYTES_MAX), name);
        if (manifest.id() != id) {
            throw new CorruptTextException(
                    name, 2, "is the manifest of checkpoint " + manifest.id() + ", not " + id);
        }
        if (!manifest.runId().equals(run.runId()) || !manifest.jobName().equals(run.jobName())) {
            throw new CorruptTextException(
                    name,
                    3,
                    "is of run "
                            + TabbedText.quote(manifest.runId())
                            + " of job "
                            + TabbedText.quote(manifest.jobName())
                            + ", not of run "
                            + TabbedText.quote(run.runId())
                            + " of job "
                            + TabbedText.quote(run.jobName()));
        }
        return manifest;
    }

    /// What is damaged or missing of the files a manifest names; empty when all are whole.
    List<String> problems(CheckpointManifest manifest) {
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (OperatorState operator : manifest.operators()) {
            for (StateFile file : operator.files()) {
                String problem = seen.add(file.path()) ? problem(file) : "";
                if (!problem.isEmpty()) {
                    problems.add(problem);
                }
            }
        }
        return problems;
    }

    private String problem(StateFile file) {
        try {
            String wrongLength = wrongLength(file);
            if (!wrongLength.isEmpty()) {
                return wrongLength;
            }
            try (SeekableByteChannel in = open(file)) {
                check.verify(in, file);
            }
            return "";
        } catch (IOException e) {
            String message = Reasons.of(e);
            String place = message.contains(file.path()) ? "" : file.path() + ": ";
            // others end a sentence here, this one goes on
            int end = message.endsWith(".") ? message.length() - 1 : message.length();
            return place + message.substring(0, end);
        }
    }

    /// Whether a file is there with its length; the problem, or empty.
    String wrongLength(StateFile file) throws IOException {
        Path path = resolve(file);
        if (disk.kind(path) != Disk.Kind.FILE) {
            return file.path() + " is missing";
        }
        long bytes = disk.size(path);
        return bytes == file.bytes()
                ? ""
                : String.format(
                        java.util.Locale.ROOT,
                        "%s has %,d bytes, not %,d",
                        file.path(),
                        bytes,
                        file.bytes());
    }

    SeekableByteChannel open(StateFile file) throws IOException {
        return disk.openToRead(resolve(file));
    }

    private Path resolve(StateFile file) {
        if (!CheckpointNames.isStatePath(file.path())) {
            throw new IllegalArgumentException(
                    TabbedText.quote(file.path()) + " is not the path of a state file");
        }
        return root.resolve(file.path());
    }

    /// The paths of the files that a manifest names.
    static Set<String> paths(CheckpointManifest manifest) {
        Set<String> paths = new TreeSet<>();
        for (OperatorState operator : manifest.operators()) {
            operator.files().forEach(file -> paths.add(file.path()));
        }
        return paths;
    }

    /// Makes it certain that a checkpoint has no manifest, also after a loss of power.
    void removeManifest(long id) throws IOException {
        Path directory = directory(id);
        Path manifest = directory.resolve(CheckpointNames.MANIFEST);
        if (disk.kind(manifest) == Disk.Kind.FILE) {
            disk.delete(manifest);
            disk.forceDirectory(directory);
        }
    }

    /// Removes a checkpoint: the manifest first, then its files but for those in `kept`, then the
    /// directory if nothing is left, not even files of others.
    void remove(long id, Set<String> kept) throws IOException {
        removeManifest(id);
        Path directory = directory(id);
        String prefix = CheckpointNames.directory(id) + '/';
        boolean empty = true;
        for (String name : disk.list(directory)) {
            boolean own =
                    CheckpointNames.isStateFile(name)
                            || name.equals(CheckpointNames.MANIFEST + CheckpointNames.IN_PROGRESS);
            if (own && !kept.contains(prefix + name)) {
                disk.delete(directory.resolve(name));
            } else {
                empty = false;
            }
        }
        if (empty) {
            disk.delete(directory);
        }
    }
}
