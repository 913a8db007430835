package io.aquifer.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/// A state directory as `docs/checkpoint-format.md` describes it, read from outside while a job may
/// be writing it, and by code that shares nothing with the engine's.
record CheckpointsOnDisk(Path directory) {
    /// What a manifest says.
    ///
    /// @param position what the source of the single split goes on from, -1 when it is read
    record Checkpoint(
            long id, String kind, Instant started, Duration took, long records, long position) {}

    /// What the run file says.
    ///
    /// @param status RUNNING or FINISHED, empty when there is no such file
    private record Run(String status, List<long[]> voids) {
        boolean counts(long id) {
            return voids.stream().noneMatch(range -> range[0] <= id && id <= range[1]);
        }
    }

    boolean hasRun() throws IOException {
        return !run().status.isEmpty();
    }

    boolean isFinished() throws IOException {
        return run().status.equals("FINISHED");
    }

    /// The newest complete checkpoint that counts: what the next start goes on from.
    Optional<Checkpoint> newest() throws IOException {
        return complete().stream().max(Comparator.comparingLong(Checkpoint::id));
    }

    /// The complete checkpoints that count, the oldest first.
    List<Checkpoint> complete() throws IOException {
        Run run = run();
        List<Checkpoint> complete = new ArrayList<>();
        for (long id : ids()) {
            if (run.counts(id)) {
                manifest(id).ifPresent(complete::add);
            }
        }
        return complete;
    }

    /// The highest id that a complete checkpoint has, whether it counts or not; 0 for none.
    long highest() throws IOException {
        long highest = 0;
        for (long id : ids()) {
            if (Files.exists(path(id).resolve("manifest"))) {
                highest = id;
            }
        }
        return highest;
    }

    /// The ids of the checkpoints that are not complete and newer than those that are.
    List<Long> drafts() throws IOException {
        long complete = newest().map(Checkpoint::id).orElse(0L);
        Run run = run();
        return ids().stream().filter(id -> id > complete && run.counts(id)).toList();
    }

    /// The ids of all directories of checkpoints, rising.
    TreeSet<Long> ids() throws IOException {
        TreeSet<Long> ids = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "chk-*")) {
            for (Path entry : entries) {
                String digits = entry.getFileName().toString().substring(4);
                if (digits.matches("\\d{6,18}")) {
                    ids.add(Long.parseLong(digits));
                }
            }
        } catch (NoSuchFileException none) {
            return ids;
        }
        return ids;
    }

    Path path(long id) {
        return directory.resolve("chk-%06d".formatted(id));
    }

    /// The files of a checkpoint that hold state.
    List<Path> stateFiles(long id) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(id), "*.state")) {
            entries.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    /// Writes another time into a manifest, with the checksum that belongs to it.
    void date(long id, Instant started) throws IOException {
        Path file = path(id).resolve("manifest");
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("started\t")) {
                text.append("started\t").append(started).append('\n');
            } else if (!line.startsWith("crc32c\t")) {
                text.append(line).append('\n');
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        text.append("crc32c\t%08x\n".formatted(crc.getValue()));
        Files.writeString(file, text);
    }

    private Optional<Checkpoint> manifest(long id) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(path(id).resolve("manifest"));
        } catch (NoSuchFileException draftOrRemoved) {
            return Optional.empty();
        }
        String kind = "";
        Instant started = Instant.EPOCH;
        Duration took = Duration.ZERO;
        long records = 0;
        long position = -1;
        for (String line : lines) {
            String[] fields = line.split("\t", -1);
            switch (fields[0]) {
                case "kind" -> kind = fields[1];
                case "started" -> started = Instant.parse(fields[1]);
                case "took" ->
                        took =
                                Duration.ofSeconds(
                                        Long.parseLong(fields[1]), Long.parseLong(fields[2]));
                case "records" -> records = Long.parseLong(fields[1]);
                case "split" -> {
                    if (fields[5].equals("STARTED")) {
                        position = Long.parseLong(fields[4]);
                    }
                }
                default -> {}
            }
        }
        return Optional.of(new Checkpoint(id, kind, started, took, records, position));
    }

    private Run run() throws IOException {
        String status = "";
        List<long[]> voids = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(directory.resolve("run"))) {
                String[] fields = line.split("\t", -1);
                switch (fields[0]) {
                    case "status" -> status = fields[1];
                    case "void" ->
                            voids.add(
                                    new long[] {
                                        Long.parseLong(fields[1]), Long.parseLong(fields[2])
                                    });
                    default -> {}
                }
            }
        } catch (NoSuchFileException none) {
            return new Run("", List.of());
        }
        return new Run(status, voids);
    }
}
