package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateDirectory.Request;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Checkpoints for tests. Their state files end with a byte that makes the sum of all zero.
final class Samples {
    static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    static final StateFileCheck CHECK =
            (in, file) -> {
                byte sum = 0;
                for (byte b : readAll(in)) {
                    sum += b;
                }
                if (sum != 0) {
                    throw new IOException(file.path() + " block 3: checksum does not fit");
                }
            };

    private Samples() {}

    static Surroundings surroundings(Disk disk, long seed) {
        return new Surroundings(
                disk, CHECK, InstantSource.fixed(START), new SplittableRandom(seed), 4711);
    }

    static Request request(Path directory) {
        return new Request(directory, "flights", 3, false, 0);
    }

    static Request from(Path directory, long checkpoint) {
        return new Request(directory, "flights", 3, false, checkpoint);
    }

    static Request forced(Path directory) {
        return new Request(directory, "flights", 3, true, 0);
    }

    static byte[] content(SplittableRandom random) {
        byte[] content = new byte[1 + random.nextInt(60)];
        random.nextBytes(content);
        byte sum = 0;
        for (int i = 0; i < content.length - 1; i++) {
            sum += content[i];
        }
        content[content.length - 1] = (byte) -sum;
        return content;
    }

    static void write(WritableByteChannel channel, byte[] content) throws IOException {
        try (channel) {
            ByteBuffer source = ByteBuffer.wrap(content);
            while (source.hasRemaining()) {
                channel.write(source);
            }
        }
    }

    static byte[] readAll(SeekableByteChannel in) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) in.size());
        while (content.hasRemaining() && in.read(content) >= 0) {}
        return content.array();
    }

    /// A manifest of operators `op-0`, `op-1` ... with a file each.
    static CheckpointManifest manifest(
            StateDirectory directory, String job, long id, List<StateFile> files) {
        List<OperatorState> operators = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            operators.add(
                    new OperatorState(
                            "op-" + i,
                            "Op " + i,
                            "KeyedProcess",
                            1,
                            128,
                            5,
                            List.of(),
                            List.of(files.get(i)),
                            List.of("part-" + id)));
        }
        return new CheckpointManifest(
                id,
                directory.runId(),
                job,
                Kind.PERIODIC,
                START.plusSeconds(12 * id),
                Duration.ofMillis(15),
                Duration.ofSeconds(10),
                100 * id,
                Map.of(),
                Map.of("id", id),
                operators);
    }

    /// Writes and completes a checkpoint of `files` files.
    static CheckpointManifest checkpoint(StateDirectory directory, int files) throws IOException {
        CheckpointDraft draft = directory.begin(directory.nextId());
        List<StateFile> entries = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(draft.id());
        for (int i = 0; i < files; i++) {
            byte[] content = content(random);
            write(draft.create("op-" + i, 0), content);
            entries.add(draft.file("op-" + i, 0, content.length));
        }
        CheckpointManifest manifest = manifest(directory, "flights", draft.id(), entries);
        draft.complete(manifest);
        return manifest;
    }

    /// The contents of the files a manifest names.
    static Map<String, byte[]> contents(StateDirectory directory, CheckpointManifest manifest)
            throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        for (OperatorState operator : manifest.operators()) {
            for (StateFile file : operator.files()) {
                try (SeekableByteChannel in = directory.openFile(file)) {
                    contents.put(file.path(), readAll(in));
                }
            }
        }
        return contents;
    }
}
