package io.aquifer.benchmarks.state;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.state.SavedRuns;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Nanoseconds per get, update and read-modify-write of a store with all its keys, uniform over
/// them, one by one; bytes per key; what collections of garbage cost meanwhile.
///
/// Making the key is part of a call for all contenders: it costs the `none` of the table.
final class StateOps {
    private static final int ROUNDS = 5;

    private StateOps() {}

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        String contender = arguments.text("contender", "aquifer");
        String shape = arguments.text("shape", Shape.LONGS);
        int keys = Math.toIntExact(arguments.number("keys", 1_000_000));
        int calls = Math.toIntExact(arguments.number("calls", 4_000_000));
        arguments.complete();
        Path directory = Files.createTempDirectory("aquifer-state");
        System.out.println(measure(Shape.named(shape), shape, contender, keys, calls, directory));
        Files.deleteIfExists(directory);
    }

    private static <K, V> ResultLine measure(
            Shape<K, V> shape,
            String shapeName,
            String contender,
            int keys,
            int calls,
            Path directory)
            throws Exception {
        long managed = keys * 320L + (64L << 20);
        SplittableRandom random = new SplittableRandom(1);
        try (KeyedStore<K, V> store =
                contender.equals("heap")
                        ? new HeapStore<>()
                        : new ManagedStore<>(
                                shape.keyType,
                                shape.valueType,
                                managed,
                                directory,
                                SavedRuns.NONE)) {
            long start = System.nanoTime();
            for (int i = 0; i < keys; i++) {
                store.put(shape.key(i), shape.value(random));
            }
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("what", "%s %s %,d keys".formatted(contender, shapeName, keys));
            values.put("keys", (long) keys);
            values.put("loadNanos", (System.nanoTime() - start) / (double) keys);
            values.put("bytesPerKey", store.bytes() / (double) keys);
            long collected = collectedMillis();
            double get = Double.MAX_VALUE;
            double update = Double.MAX_VALUE;
            double modify = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                get = Math.min(get, get(shape, store, keys, calls, random));
                update = Math.min(update, update(shape, store, keys, calls, random));
                modify = Math.min(modify, modify(shape, store, keys, calls, random));
            }
            values.put("keyNanos", keyOnly(shape, keys, calls, random));
            values.put("getNanos", get);
            values.put("updateNanos", update);
            values.put("modifyNanos", modify);
            values.put("gcMillis", collectedMillis() - collected);
            return new ResultLine(values);
        }
    }

    private static long collectedMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(bean -> Math.max(0, bean.getCollectionTime()))
                .sum();
    }

    private static <K, V> double keyOnly(
            Shape<K, V> shape, int keys, int calls, SplittableRandom random) {
        long sum = 0;
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            sum += shape.key(random.nextInt(keys)).hashCode();
        }
        double nanos = (System.nanoTime() - start) / (double) calls;
        return sum == 42 ? nanos + 1e-9 : nanos;
    }

    private static <K, V> double get(
            Shape<K, V> shape,
            KeyedStore<K, V> store,
            int keys,
            int calls,
            SplittableRandom random) {
        long sum = 0;
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            sum += shape.touch(store.get(shape.key(random.nextInt(keys))));
        }
        double nanos = (System.nanoTime() - start) / (double) calls;
        return sum == 42 ? nanos + 1e-9 : nanos;
    }

    private static <K, V> double update(
            Shape<K, V> shape,
            KeyedStore<K, V> store,
            int keys,
            int calls,
            SplittableRandom random) {
        V value = shape.value(random);
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            value = shape.changed(value);
            store.put(shape.key(random.nextInt(keys)), value);
        }
        return (System.nanoTime() - start) / (double) calls;
    }

    private static <K, V> double modify(
            Shape<K, V> shape,
            KeyedStore<K, V> store,
            int keys,
            int calls,
            SplittableRandom random) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            K key = shape.key(random.nextInt(keys));
            store.put(key, shape.changed(store.get(key)));
        }
        return (System.nanoTime() - start) / (double) calls;
    }
}
