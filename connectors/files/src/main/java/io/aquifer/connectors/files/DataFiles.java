package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Which files a path stands for, in what format, and how their bytes are opened.
final class DataFiles {
    private static final int PROBE_BYTES = 64 * 1024;

    private DataFiles() {}

    record DataFile(Path path, FileFormat format) {}

    /// The file itself, or the data files of the directory in name order.
    ///
    /// @param forced the format the user named, null to go by the endings
    static List<DataFile> list(Path path, @Nullable FileFormat forced) throws IOException {
        if (!Files.exists(path)) {
            throw missing(path);
        }
        if (!Files.isDirectory(path)) {
            if (!Files.isRegularFile(path)) {
                throw FileAccessException.of(
                        "cannot read "
                                + path
                                + ": it is neither a file nor a directory. Name a "
                                + "file, or a directory with files.");
            }
            if (Files.size(path) == 0) {
                throw FileFormatException.of(
                        path,
                        "is empty: 0 bytes. Copy or write the file again, or take it out of "
                                + "the input.");
            }
            return List.of(new DataFile(path, format(path, forced)));
        }
        List<DataFile> files = new ArrayList<>();
        int passedOver = 0;
        int empty = 0;
        for (Path file : children(path)) {
            String name = String.valueOf(file.getFileName());
            if (!Files.isRegularFile(file)) {
                continue;
            }
            if (name.startsWith(".") || name.endsWith(".crc") || name.equals("_SUCCESS")) {
                passedOver++;
            } else if (Files.size(file) == 0) {
                empty++;
            } else {
                files.add(new DataFile(file, format(file, forced)));
            }
        }
        if (files.isEmpty()) {
            throw FileFormatException.of(
                    path,
                    "is a directory without data files: "
                            + empty
                            + " empty and "
                            + passedOver
                            + " hidden or marker files in it, directories inside are not searched."
                            + " Put files that end in "
                            + FileFormat.ENDINGS
                            + " there, or name another path.");
        }
        for (DataFile file : files) {
            DataFile first = files.getFirst();
            if (file.format() != first.format()) {
                throw FileFormatException.of(
                        path,
                        "has files of several formats: "
                                + first.path().getFileName()
                                + " is "
                                + first.format()
                                + ", "
                                + file.path().getFileName()
                                + " is "
                                + file.format()
                                + ". Keep one format in a directory, or read them as two sources.");
            }
        }
        return files;
    }

    private static FileFormat format(Path file, @Nullable FileFormat forced)
            throws FileFormatException {
        FileFormat format = forced != null ? forced : FileFormat.byName(file);
        if (format == null) {
            throw FileFormatException.unknownExtension(file);
        }
        return format;
    }

    private static FileAccessException missing(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        String near = "";
        try {
            if (parent != null && Files.isDirectory(parent)) {
                List<String> names =
                        children(parent).stream()
                                .map(p -> String.valueOf(p.getFileName()))
                                .toList();
                near = ColumnNames.nearest(String.valueOf(path.getFileName()), names);
            }
        } catch (IOException e) {
            near = ""; // only a hint
        }
        return FileAccessException.of(
                "cannot read "
                        + path
                        + ": no such file or directory"
                        + (near.isEmpty() ? "" : "; did you mean '" + near + "'?")
                        + (near.isEmpty() ? ". " : " ")
                        + "It was looked for as "
                        + path.toAbsolutePath().normalize()
                        + ".");
    }

    private static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(directory, e);
        }
        children.sort(Comparator.comparing(child -> String.valueOf(child.getFileName())));
        return children;
    }

    /// The file's bytes, decompressed when its name says that it is compressed.
    static InputStream open(Path file) throws IOException {
        InputStream raw;
        try {
            raw = Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw missing(file);
        } catch (IOException e) {
            throw FileAccessException.cannotRead(file, e);
        }
        if (!FileFormat.isGzip(file)) {
            return raw;
        }
        try {
            return new GzipStream(raw);
        } catch (IOException e) {
            raw.close();
            throw explain(file, e, 0);
        }
    }

    /// What the user is told when a file's bytes fail in the middle.
    ///
    /// @param rowsBefore rows that were handed over before
    static IOException explain(Path file, @Nullable IOException failure, long rowsBefore) {
        String before =
                rowsBefore == 0
                        ? "No row could be read."
                        : "The "
                                + FileFormatException.grouped(rowsBefore)
                                + " rows before were read.";
        return switch (failure) {
            case CutOffException cut ->
                    FileFormatException.damaged(
                            file, String.valueOf(cut.getMessage()), before, cut);
            case FileFormatException known -> known;
            case FileAccessException known -> known;
            case null -> FileFormatException.of(file, "cannot be read on. " + before);
            default -> FileAccessException.cannotRead(file, failure);
        };
    }

    /// Refuses what is not text, by the first block.
    static void checkText(Path file) throws IOException {
        byte[] block;
        try (InputStream in = new BufferedInputStream(open(file), PROBE_BYTES)) {
            block = readBlock(file, in);
        }
        if (!FileFormat.isGzip(file)
                && block.length > 1
                && (block[0] & 0xFF) == 0x1F
                && (block[1] & 0xFF) == 0x8B) {
            throw FileFormatException.compressed(file);
        }
        for (int i = 0; i < block.length; i++) {
            if (block[i] == 0) {
                throw FileFormatException.notText(file, i, 0);
            }
        }
        int wrong = Utf8.firstMalformed(block, block.length == PROBE_BYTES);
        if (wrong >= 0) {
            throw FileFormatException.notText(file, wrong, block[wrong] & 0xFF);
        }
    }

    private static byte[] readBlock(Path file, InputStream in) throws IOException {
        byte[] block = new byte[PROBE_BYTES];
        int length = 0;
        try {
            while (length < block.length) {
                int count = in.read(block, length, block.length - length);
                if (count < 0) {
                    break;
                }
                length += count;
            }
        } catch (CutOffException e) {
            // What could be read is judged here; the reader tells of the rest when it gets there.
            if (length == 0) {
                throw explain(file, e, 0);
            }
            return java.util.Arrays.copyOf(block, Utf8.wholeCharacters(block, length));
        } catch (IOException e) {
            throw FileAccessException.cannotRead(file, e);
        }
        return java.util.Arrays.copyOf(block, length);
    }
}
