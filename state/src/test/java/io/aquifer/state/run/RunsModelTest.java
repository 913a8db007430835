package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.Seeds;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Runs that come, are merged and are looked into, at random, against maps.
///
/// Goal: whatever was merged with what, every lookup, batch and scan says what the entries say from
/// the oldest to the newest; and in the end nothing is held.
class RunsModelTest {
    private static final class World implements AutoCloseable {
        final TestRunPages pages = new TestRunPages();
        final MemoryRunFiles files = new MemoryRunFiles();
        final Runs runs = new Runs();
        final Generator generator;
        final SplittableRandom random;

        /// What the runs hold, the newest first.
        final List<Content> contents = new ArrayList<>();

        World(long seed, int keys, int largest) {
            random = new SplittableRandom(seed);
            generator = new Generator(random.split(), keys, largest);
            files.partMax(1 + random.nextInt(1 << 20));
        }

        void add(int entries) throws IOException {
            boolean changes = random.nextInt(5) != 0;
            Content content = generator.content(entries, changes);
            RunFile file = files.create();
            RunOptions options = generator.options(content.size());
            generator.write(file, content, changes, options, pages);
            Run run = Run.open(file, generator.description, pages);
            if (random.nextInt(8) == 0) {
                runs.addOldest(run);
                contents.addLast(content);
            } else {
                runs.addNewest(run);
                contents.addFirst(content);
            }
        }

        void mergeSome() throws IOException {
            List<Run> list = runs.list();
            List<Run> chosen = SizeTiers.DEFAULT.choose(list);
            if (chosen == null || random.nextBoolean()) {
                int first = random.nextInt(list.size());
                chosen = list.subList(first, first + 1 + random.nextInt(list.size() - first));
            }
            int first = list.indexOf(chosen.getFirst());
            int end = first + chosen.size();
            boolean oldest = end == list.size();
            Merge.Settings settings =
                    new Merge.Settings(files, pages, random.nextInt(3) * 5, null, Pacer.UNLIMITED);
            try (Merge merge = Merge.of(chosen, oldest, generator.description, settings)) {
                Run output = merge.run();
                runs.replace(merge.inputs(), output);
            }
            List<Content> replaced = contents.subList(first, end);
            Content merged = new Content();
            merged.putAll(Model.merged(replaced, oldest));
            replaced.clear();
            if (!merged.isEmpty()) {
                contents.add(first, merged);
            }
        }

        void check() throws IOException {
            long entries = contents.stream().mapToLong(Content::size).sum();
            RunsStatistics statistics = runs.statistics();
            assertThat(statistics.runs()).isEqualTo(contents.size());
            assertThat(statistics.entries()).isEqualTo(entries);
            assertThat(statistics.heldBytes())
                    .isEqualTo((long) pages.held() * RunPages.PAGE_BYTES)
                    .isGreaterThanOrEqualTo(statistics.filterBytes());
            NavigableMap<Key, Change> all = Model.merged(contents, false);
            findSome(all);
            Check.scan(runs.scan(0, -1, true), all);
            Check.scan(runs.scan(0, -1, false), Model.merged(contents, true));
            long first = random.nextLong();
            long last = random.nextLong();
            if (Long.compareUnsigned(first, last) > 0) {
                long swapped = first;
                first = last;
                last = swapped;
            }
            Check.scan(runs.scan(first, last, true), Check.between(all, first, last));
        }

        private void findSome(NavigableMap<Key, Change> all) throws IOException {
            ByteSlot slot = new ByteSlot();
            for (int i = 0; i < 200; i++) {
                Key key = generator.key();
                byte[] bytes = key.bytes();
                Found found = runs.find(key.routing(), key.kind(), bytes, 0, bytes.length, slot);
                Check.found(key, found, slot, all.get(key));
                if (all.get(key) != null) {
                    assertThat(runs.mayContain(key.routing(), key.kind(), bytes, 0, bytes.length))
                            .isTrue();
                }
            }
        }

        void findBatch(FindBatch batch, ExecutorService threads) throws IOException {
            NavigableMap<Key, Change> all = Model.merged(contents, false);
            batch.clear();
            List<Key> keys = new ArrayList<>();
            int count = random.nextInt(1 << random.nextInt(12));
            for (int i = 0; i < count; i++) {
                Key key = generator.key();
                keys.add(key);
                int index =
                        batch.add(key.routing(), key.kind(), key.bytes(), 0, key.bytes().length);
                assertThat(index).isEqualTo(i);
                assertThat(batch.found(i)).isEqualTo(Found.ABSENT);
            }
            long finds = runs.statistics().finds();
            for (int round = random.nextInt(2); round < 2; round++) {
                finds += count;
                if (random.nextBoolean()) {
                    runs.find(batch);
                } else {
                    runs.find(batch, threads, 1 + random.nextInt(5));
                }
            }
            assertThat(runs.statistics().finds()).isEqualTo(finds);
            for (int i = 0; i < count; i++) {
                Found found = batch.found(i);
                int from = batch.valueOffset(i);
                byte[] value =
                        found == Found.VALUE || found == Found.PARTS
                                ? Arrays.copyOfRange(
                                        batch.valueArray(i), from, from + batch.valueLength(i))
                                : null;
                Check.found(keys.get(i), found, value, all.get(keys.get(i)));
            }
        }

        @Override
        public void close() {
            runs.close();
            files.close();
            pages.close();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void anything_withRunsOfAFewKeys_agreesWithTheModel(long seed) throws IOException {
        SplittableRandom seeds = new SplittableRandom(seed);
        for (int i = 0; i < 6; i++) {
            play(seeds.nextLong(), 1 + seeds.nextInt(300), 3000, 20);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void anything_withRunsOfManyKeys_agreesWithTheModel(long seed) throws IOException {
        play(seed, 4000, 300_000, 8);
        play(seed + 1, 30, 5_000_000, 7);
    }

    private static void play(long seed, int keys, int largest, int steps) throws IOException {
        FindBatch batch = new FindBatch();
        try (ExecutorService threads = Executors.newFixedThreadPool(2);
                World world = new World(seed, keys, largest)) {
            world.check();
            for (int i = 0; i < steps; i++) {
                switch (world.random.nextInt(4)) {
                    case 0, 1 -> world.add(1 + world.random.nextInt(keys));
                    case 2 -> {
                        if (!world.contents.isEmpty()) {
                            world.mergeSome();
                        }
                    }
                    default -> world.findBatch(batch, threads);
                }
                world.check();
            }
        }
    }
}
