package io.aquifer.benchmarks.state;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.state.SavedRuns;
import io.aquifer.state.TableRuns;
import io.aquifer.state.TableSnapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// A snapshot of a state in memory while it is updated, and what comes back of it: first all of the
/// state, then what a twentieth of the keys has changed.
final class StateSnapshot<K, V> {
    private static final int UPDATES_PER_STEP = 64;
    private static final int CHANGED_SHARE = 20;

    private final Shape<K, V> shape;
    private final int keys;
    private final SplittableRandom random = new SplittableRandom(2);
    private V value;

    private StateSnapshot(Shape<K, V> shape, int keys) {
        this.shape = shape;
        this.keys = keys;
        this.value = shape.value(random);
    }

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        String shape = arguments.text("shape", Shape.LONGS);
        int keys = Math.toIntExact(arguments.number("keys", 10_000_000));
        arguments.complete();
        Path directory = Files.createTempDirectory("aquifer-state");
        for (ResultLine line :
                new StateSnapshot<>(Shape.named(shape), keys).measure(shape, directory)) {
            System.out.println(line);
        }
        Files.deleteIfExists(directory);
    }

    private Iterable<ResultLine> measure(String name, Path directory) throws Exception {
        long managed = keys * 320L + (64L << 20);
        try (ManagedStore<K, V> store =
                new ManagedStore<>(
                        shape.keyType, shape.valueType, managed, directory, SavedRuns.NONE)) {
            for (int i = 0; i < keys; i++) {
                store.put(shape.key(i), shape.value(random));
            }
            double before = 0;
            for (int round = 0; round < 3; round++) {
                before = updates(store, 2_000_000);
            }
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("what", "all of %s, %,d keys".formatted(name, keys));
            all.put("updateNanosBefore", before);
            snapshot(store, all).close();
            for (int i = 0; i < keys / CHANGED_SHARE; i++) {
                store.put(shape.key(i * CHANGED_SHARE), value);
            }
            Map<String, Object> some = new LinkedHashMap<>();
            some.put("what", "changes of %s, %,d keys".formatted(name, keys));
            some.put("updateNanosBefore", before);
            try (TableRuns runs = snapshot(store, some)) {
                restore(runs, managed, directory, true, some);
                restore(runs, managed, directory, false, some);
            }
            return java.util.List.of(new ResultLine(all), new ResultLine(some));
        }
    }

    private double updates(ManagedStore<K, V> store, int count) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            update(store);
        }
        return (System.nanoTime() - start) / (double) count;
    }

    private void update(ManagedStore<K, V> store) {
        value = shape.changed(value);
        store.put(shape.key(random.nextInt(keys)), value);
    }

    private TableRuns snapshot(ManagedStore<K, V> store, Map<String, Object> values)
            throws IOException {
        long start = System.nanoTime();
        TableSnapshot snapshot = store.table().snapshot(() -> {});
        long synchronous = System.nanoTime() - start;
        long updates = 0;
        long longest = 0;
        boolean ended = false;
        while (!ended) {
            long step = System.nanoTime();
            for (int i = 0; i < UPDATES_PER_STEP; i++) {
                update(store);
            }
            updates += UPDATES_PER_STEP;
            ended = snapshot.advance();
            longest = Math.max(longest, System.nanoTime() - step);
        }
        double nanos = System.nanoTime() - start;
        TableRuns runs = snapshot.result();
        long bytes = 0;
        for (TableRuns.Part part : runs.parts()) {
            bytes += part.file().length();
        }
        values.put("synchronousMicros", synchronous / 1e3);
        values.put("totalMillis", nanos / 1e6);
        values.put("updateNanosMeanwhile", nanos / updates);
        values.put("longestStepMicros", longest / 1e3);
        values.put("runs", (long) runs.parts().size());
        values.put("runBytes", bytes);
        values.put("newestBytes", runs.parts().getFirst().file().length());
        return runs;
    }

    private void restore(
            TableRuns runs,
            long managed,
            Path directory,
            boolean loaded,
            Map<String, Object> values)
            throws IOException {
        long start = System.nanoTime();
        try (ManagedStore<K, V> restored =
                new ManagedStore<>(
                        shape.keyType,
                        shape.valueType,
                        managed,
                        directory,
                        ManagedStore.begin(runs, loaded))) {
            values.put(loaded ? "loadedMillis" : "openedMillis", (System.nanoTime() - start) / 1e6);
            for (int i = 0; i < 1000; i++) {
                restored.get(shape.key(random.nextInt(keys)));
            }
        }
    }
}
