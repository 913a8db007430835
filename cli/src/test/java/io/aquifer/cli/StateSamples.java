package io.aquifer.cli;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.checkpoint.CheckpointDraft;
import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateDirectory;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Makes state directories with chosen content, by the engine's own writers.
final class StateSamples implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-23T11:00:00Z");

    private final StateDirectory directory;

    StateSamples(Path path) {
        directory = StateDirectory.open(new StateDirectory.Request(path, "flights", 10, false, 0));
    }

    /// Writes the sections of one subtask.
    interface Content {
        void write(Sections out, int subtask) throws IOException;
    }

    /// Writes sections whose keys are strings.
    static final class Sections {
        private final StateFileWriter out;

        private Sections(StateFileWriter out) {
            this.out = out;
        }

        void begin(StateSection.Kind kind, String name, long window, String map, String value)
                throws IOException {
            out.begin(new StateSection(name, kind, window, map, value));
        }

        void begin(StateSection.Kind kind, String name, TypeInformation<?> value)
                throws IOException {
            begin(kind, name, 0, "", StoredTypeTest.text(value));
        }

        <V> void entry(String key, TypeInformation<V> type, V value) throws IOException {
            entry(bytes(key), bytes(type, value));
        }

        void entry(byte[] key, byte[] value) throws IOException {
            out.entry(key, 0, key.length, value, 0, value.length);
        }

        void mapEntry(String key, String mapKey, long value) throws IOException {
            byte[] k = bytes(key);
            byte[] m = bytes(mapKey);
            byte[] v = bytes(TypeInformation.of(Long.class), value);
            out.mapEntry(k, 0, k.length, m, 0, m.length, v, 0, v.length);
        }

        void timer(String key, long time) throws IOException {
            entry(
                    bytes(key),
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(time).array());
        }

        static byte[] bytes(String text) {
            return bytes(TypeInformation.of(String.class), text);
        }

        static <V> byte[] bytes(TypeInformation<V> type, V value) {
            DataOutputSerializer to = new DataOutputSerializer();
            type.createSerializer().serialize(value, to);
            return Arrays.copyOf(to.buffer(), to.length());
        }
    }

    /// Completes a checkpoint of an operator `sum` with two subtasks.
    long checkpoint(Content content) throws IOException {
        CheckpointDraft draft = directory.begin(directory.nextId());
        List<StateFile> files = new ArrayList<>();
        for (int subtask = 0; subtask < 2; subtask++) {
            try (StateFileWriter out =
                    new StateFileWriter(
                            draft.create("sum", subtask),
                            new StateFileHeader(
                                    "sum", subtask, 128, 64 * subtask, 64 * subtask + 63))) {
                out.begin(
                        new StateSection(
                                "key", StateSection.Kind.OPERATOR, 0, "", "java.lang.String"));
                content.write(new Sections(out), subtask);
                files.add(draft.file("sum", subtask, out.finish()));
            }
        }
        draft.complete(
                new CheckpointManifest(
                        draft.id(),
                        directory.runId(),
                        "flights",
                        Kind.PERIODIC,
                        START.plusSeconds(10 * draft.id()),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(10),
                        100 * draft.id(),
                        Map.of(),
                        Map.of(),
                        List.of(
                                new OperatorState(
                                        "sum",
                                        "sum per key",
                                        "KeyedProcess",
                                        2,
                                        128,
                                        Long.MIN_VALUE,
                                        List.of(),
                                        files,
                                        List.of()))));
        return draft.id();
    }

    /// Lets the directory go; its run stays unfinished.
    @Override
    public void close() {
        directory.close();
    }
}
