package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Random record classes, compiled into a loader of their own, with random values.
///
/// Goal: what is read equals what was written and uses its bytes up; equal values give equal bytes;
/// generated code and method handles write the same; bytes cut off anywhere are refused; damaged
/// bytes never do worse than that. Replay a failure with `-Daquifer.test.seed=<seed>`.
class RandomRecordsTest {
    private static final int RECORDS = 25;
    private static final int VALUES = 12;
    private static final int DEPTH = 4;

    private final DataOutputSerializer out = new DataOutputSerializer();
    private final DataInputDeserializer in = new DataInputDeserializer();

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void serializer_ofRandomRecords_keepsItsLaws(long seed, @TempDir Path directory)
            throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, String> sources = new RandomRecordSources(random).generate(RECORDS);
        URL[] classes = {CompiledSources.compile(directory, sources).toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
            for (int i = 0; i < RECORDS; i++) {
                Class<?> type = loader.loadClass("generated.R" + i);
                TypeSerializer<Object> serializer =
                        any(TypeInformation.of(type).createSerializer());
                assertThat(serializer.getClass().isHidden())
                        .as("generated code for %s", type)
                        .isTrue();
                TypeSerializer<Object> byHandles = byHandles(type);
                RandomValues values = new RandomValues(random);
                for (int v = 0; v < VALUES; v++) {
                    Object value = values.record(type, DEPTH);
                    byte[] bytes = bytes(serializer, value);
                    roundTrip(serializer, value, bytes);
                    assertThat(bytes(serializer, requireNonNull(values.twin(value))))
                            .as("equal values of %s", type)
                            .isEqualTo(bytes);
                    assertThat(bytes(byHandles, value)).as("by handles").isEqualTo(bytes);
                    roundTrip(byHandles, value, bytes);
                    cutOff(serializer, bytes);
                    damage(serializer, bytes, random);
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static TypeSerializer<Object> any(TypeSerializer<?> serializer) {
        return (TypeSerializer<Object>) serializer;
    }

    private static TypeSerializer<Object> byHandles(Class<?> type) throws IllegalAccessException {
        StructShape shape = StructShape.ofRecord(type);
        List<TypeSerializer<Object>> parts = new ArrayList<>();
        for (StructField field : shape.fields()) {
            parts.add(any(TypeInformation.ofType(field.type()).createSerializer()));
        }
        return HandleSerializer.of(
                shape,
                shape.schema(),
                parts,
                java.lang.invoke.MethodHandles.privateLookupIn(
                        type, java.lang.invoke.MethodHandles.lookup()));
    }

    private byte[] bytes(TypeSerializer<Object> serializer, Object value) {
        out.clear();
        serializer.serialize(value, out);
        byte[] bytes = out.toByteArray();
        assertThat(bytes).isNotEmpty();
        if (serializer.fixedLength() >= 0) {
            assertThat(bytes).hasSize(serializer.fixedLength());
        }
        return bytes;
    }

    private void roundTrip(TypeSerializer<Object> serializer, Object value, byte[] bytes) {
        byte[] around = new byte[bytes.length + 16];
        System.arraycopy(bytes, 0, around, 7, bytes.length);
        in.setBuffer(around, 7, bytes.length);
        Object read = serializer.deserialize(in);
        assertThat(in.available()).isZero();
        assertThat(RandomValues.same(value, read)).as("%s read back as %s", value, read).isTrue();
    }

    private void cutOff(TypeSerializer<Object> serializer, byte[] bytes) {
        int step = bytes.length < 100 ? 1 : bytes.length / 50;
        for (int count = 0; count < bytes.length; count += step) {
            in.setBuffer(bytes, 0, count);
            assertThat(isRefused(serializer)).as("%d of %d bytes", count, bytes.length).isTrue();
        }
    }

    private boolean isRefused(TypeSerializer<Object> serializer) {
        try {
            serializer.deserialize(in);
            return false;
        } catch (CorruptRecordException refused) {
            return true;
        }
    }

    private void damage(TypeSerializer<Object> serializer, byte[] bytes, SplittableRandom random) {
        for (int i = 0; i < 10; i++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            in.setBuffer(damaged, 0, damaged.length);
            isRefused(serializer); // or read as another value; any other exception fails the test
        }
    }
}
