package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// One sink's files in their directory, and the few things done with them; what fails says which
/// file it was and what to do.
record OutputPlace(Disk disk, Path directory, OutputNames names) {
    /// What the sink writes, as a user would look for it.
    String all() {
        return directory.resolve(names.all()).toString();
    }

    void makeDirectory() throws IOException {
        try {
            disk.makeDirectories(directory);
        } catch (FileAlreadyExistsException e) {
            throw FileAccessException.of(
                    "cannot write to "
                            + directory
                            + ": there is a file of that name. Choose another "
                            + "directory, or move the file away.");
        } catch (IOException e) {
            Path file = fileInPlace();
            if (file != null) {
                throw FileAccessException.of(
                        "cannot make the directory "
                                + directory
                                + ": "
                                + file
                                + " is a file. Choose another directory, or move the file away.");
            }
            throw FileAccessException.cannotWrite(directory, e);
        }
    }

    private @Nullable Path fileInPlace() {
        for (Path part = directory; part != null; part = part.getParent()) {
            if (Files.exists(part) && !Files.isDirectory(part)) {
                return part;
            }
        }
        return null;
    }

    boolean exists(String name) {
        return disk.exists(directory.resolve(name));
    }

    List<String> list() throws IOException {
        try {
            return disk.list(directory);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(directory, e);
        }
    }

    void delete(String name) throws IOException {
        try {
            disk.delete(directory.resolve(name));
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(directory.resolve(name), e);
        }
    }

    void force(String name) throws IOException {
        try {
            disk.force(directory.resolve(name));
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(directory.resolve(name), e);
        }
    }

    void forceDirectory() throws IOException {
        try {
            disk.forceDirectory(directory);
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(directory, e);
        }
    }

    /// Whether a part has its visible name already, or both names: its renaming was interrupted.
    boolean isMoved(String hidden, String visible) throws IOException {
        return exists(visible) && (!exists(hidden) || isSame(hidden, visible));
    }

    private boolean isSame(String hidden, String visible) throws IOException {
        try {
            return disk.isSame(directory.resolve(hidden), directory.resolve(visible));
        } catch (IOException e) {
            throw FileAccessException.cannotRead(directory.resolve(hidden), e);
        }
    }

    /// Gives a hidden file its visible name, which is free or, when the file is `ours`, may be
    /// replaced.
    void publish(String hidden, String visible, boolean ours) throws IOException {
        Path from = directory.resolve(hidden);
        Path to = directory.resolve(visible);
        try {
            if (!ours && (isSame(hidden, visible) || disk.link(from, to))) {
                disk.delete(from);
            } else {
                disk.move(from, to);
            }
        } catch (FileAlreadyExistsException e) {
            throw inTheWay(visible);
        } catch (FileAccessException e) {
            throw e;
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(to, e);
        }
    }

    /// Removes the hidden files of a run, but for those to `spare`.
    void removeHidden(String runId, Collection<String> spare) throws IOException {
        for (String name : list()) {
            if (runId.equals(names.run(name)) && !spare.contains(name)) {
                delete(name);
            }
        }
    }

    void refuseStrangers(Set<String> ours) throws IOException {
        for (String name : list()) {
            if (names.isVisible(name) && !ours.contains(name)) {
                throw inTheWay(name);
            }
        }
    }

    FileAccessException inTheWay(String name) {
        return FileAccessException.of(
                "cannot write to "
                        + directory
                        + ": "
                        + name
                        + " is there and was not written "
                        + "by this sink ("
                        + names.manifest()
                        + " does not name it). Move it away, or choose "
                        + "another directory or prefix.");
    }

    /// Null when there is none.
    @Nullable Manifest readManifest() throws IOException {
        Path file = directory.resolve(names.manifest());
        byte[] bytes;
        try {
            bytes = disk.read(file);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(file, e);
        }
        try {
            return bytes == null ? null : Manifest.parse(bytes, names);
        } catch (IllegalArgumentException e) {
            throw FileAccessException.of(
                    "cannot use "
                            + file
                            + ": "
                            + e.getMessage()
                            + ". It tells which of the files "
                            + names.all()
                            + " are the sink's own. Move it and them away, or choose another"
                            + " directory or prefix.");
        }
    }

    /// Replaces the manifest, at once and on the disk.
    void write(Manifest manifest) throws IOException {
        String draft = names.manifest() + ".inprogress";
        try (PartFile file = new PartFile(disk, directory.resolve(draft))) {
            file.write(manifest.bytes());
            file.finish();
        }
        force(draft);
        try {
            disk.move(directory.resolve(draft), directory.resolve(names.manifest()));
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(directory.resolve(names.manifest()), e);
        }
        forceDirectory();
    }
}
