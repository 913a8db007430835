package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkCommitter;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A sink's files in their directory, and who owns which.
///
/// | Name                            | What                                          | Whose                        |
/// |---------------------------------|-----------------------------------------------|------------------------------|
/// | `<prefix>-<n><ending>`          | whole output                                  | ours when in the manifest    |
/// | `.<prefix>-<n><ending>.inprogress` | output being written                       | ours                         |
/// | `.<prefix><ending>.manifest`    | names of the output of the last run, a line each | ours                      |
/// | anything else                   |                                               | somebody else's              |
///
/// A commit first adds the new names to the manifest, then renames, then drops the old names:
/// whenever it is interrupted, every visible file is whole and known to be ours.
final class OutputDirectory implements SinkCommitter {
    private static final String UNFINISHED = ".inprogress";

    private final Path directory;
    private final String prefix;
    private final String ending;
    private final Pattern outputName;

    OutputDirectory(Path directory, String prefix, String ending) {
        this.directory = directory;
        this.prefix = prefix;
        this.ending = ending;
        outputName = Pattern.compile(Pattern.quote(prefix) + "-\\d+" + Pattern.quote(ending));
    }

    private Path manifest() {
        return directory.resolve("." + prefix + ending + ".manifest");
    }

    private Path unfinished(String name) {
        return directory.resolve("." + name + UNFINISHED);
    }

    /// Makes the directory, tries to write to it, and looks whose files are there.
    void prepare() throws IOException {
        try {
            Files.createDirectories(directory);
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
        Path probe = directory.resolve("." + prefix + ending + ".probe");
        try {
            Files.write(probe, new byte[1]);
            Files.deleteIfExists(probe);
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(directory, e);
        }
        Set<String> ours = readManifest();
        for (Path file : children()) {
            String name = String.valueOf(file.getFileName());
            if (outputName.matcher(name).matches() && !ours.contains(name)) {
                throw FileAccessException.of(
                        "cannot write to "
                                + directory
                                + ": "
                                + name
                                + " is there and was not written "
                                + "by this sink ("
                                + manifest().getFileName()
                                + " does not name it). Move it away, or choose "
                                + "another directory or prefix.");
            }
        }
        removeUnfinished();
    }

    private @org.jspecify.annotations.Nullable Path fileInPlace() {
        for (Path part = directory; part != null; part = part.getParent()) {
            if (Files.exists(part) && !Files.isDirectory(part)) {
                return part;
            }
        }
        return null;
    }

    PartFile createPart(int subtask) throws IOException {
        String name = prefix + "-" + subtask + ending;
        return new PartFile(unfinished(name), name);
    }

    /// Makes the files of `names` visible, and removes those of earlier runs that are not among
    /// them.
    ///
    /// Files that are visible already, from an interrupted commit, are left as they are.
    @Override
    public void commit(List<String> names) throws IOException {
        for (String name : names) {
            if (!outputName.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "'" + name + "' is not a file of sink " + directory.resolve(prefix));
            }
            if (!Files.exists(unfinished(name)) && !Files.exists(directory.resolve(name))) {
                throw FileAccessException.of(
                        "cannot commit "
                                + directory.resolve(name)
                                + ": "
                                + unfinished(name)
                                + " is gone. Somebody else removed it; run the job again.");
            }
        }
        Set<String> old = readManifest();
        Set<String> both = new TreeSet<>(old);
        both.addAll(names);
        writeManifest(both);
        Path at = directory;
        try {
            for (String name : old) {
                at = directory.resolve(name);
                if (!names.contains(name)) {
                    Files.deleteIfExists(at);
                }
            }
            for (String name : names) {
                at = directory.resolve(name);
                if (Files.exists(unfinished(name))) {
                    Files.move(
                            unfinished(name),
                            at,
                            StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
            syncDirectory();
        } catch (IOException e) {
            throw FileAccessException.cannotWrite(at, e);
        }
        writeManifest(new LinkedHashSet<>(names));
        syncDirectory();
    }

    @Override
    public void persist(List<String> names) {}

    @Override
    public void abort() throws IOException {
        removeUnfinished();
    }

    @Override
    public void close() {}

    /// Removes what writers left, of this run or of one that was killed.
    void removeUnfinished() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        for (Path file : children()) {
            String name = String.valueOf(file.getFileName());
            if (name.startsWith(".")
                    && name.endsWith(UNFINISHED)
                    && outputName
                            .matcher(name.substring(1, name.length() - UNFINISHED.length()))
                            .matches()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private List<Path> children() throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(directory, e);
        }
        return children;
    }

    /// The names in the manifest; lines that are no name of ours are passed over, so that nothing
    /// else is ever deleted.
    private Set<String> readManifest() throws IOException {
        Set<String> names = new LinkedHashSet<>();
        if (!Files.exists(manifest(), LinkOption.NOFOLLOW_LINKS)) {
            return names;
        }
        try {
            for (String line :
                    new String(Files.readAllBytes(manifest()), StandardCharsets.UTF_8)
                            .lines()
                            .toList()) {
                if (outputName.matcher(line).matches()) {
                    names.add(line);
                }
            }
        } catch (IOException e) {
            throw FileAccessException.cannotRead(manifest(), e);
        }
        return names;
    }

    private void writeManifest(Set<String> names) throws IOException {
        Path draft = directory.resolve(manifest().getFileName() + UNFINISHED);
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            draft,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                var bytes = StandardCharsets.UTF_8.encode(String.join("\n", names) + "\n");
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(
                    draft,
                    manifest(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw FileAccessException.cannotWrite(manifest(), e);
        }
    }

    private void syncDirectory() {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not every system can sync a directory; the files themselves are on the disk.
            return;
        }
    }
}
