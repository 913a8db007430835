package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.Seeds;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;

/// The n-th call of the disk fails, or the n-th page is not to be had, for every n until a table's
/// life passes without.
///
/// Goal: the exception says what failed, what went wrong can be tried again and is right then, and
/// in the end no page and no file is held.
class RunFailureTest {
    private static final String EIO = "Input/output error";
    private static final String ENOSPC = "No space left on device";

    /// A table's life: two runs are written, looked into and merged. Whatever fails is noted, and
    /// tried once more.
    private static final class Life implements AutoCloseable {
        final TestRunPages pages = new TestRunPages();
        final MemoryRunFiles files = new MemoryRunFiles();
        final List<String> failures = new ArrayList<>();
        private final Runs runs = new Runs();
        private final Generator generator;
        private final List<Content> contents = new ArrayList<>();

        Life(long seed) {
            generator = new Generator(new SplittableRandom(seed), 400, 300_000);
            files.partMax(100_000);
        }

        private interface Step<T> {
            T take() throws IOException;
        }

        /// Takes a step, twice if it fails at first.
        private <T> T twice(Step<T> step) throws IOException {
            try {
                return step.take();
            } catch (IOException | MemoryExhaustedException failed) {
                failures.add(String.valueOf(failed.getMessage()));
                return step.take();
            }
        }

        void live() throws IOException {
            for (int i = 0; i < 3; i++) {
                Content content = generator.content(300, true);
                runs.addNewest(twice(() -> write(content)));
                contents.addFirst(content);
            }
            look();
            List<Run> newest = List.copyOf(runs.list().subList(0, 2));
            merge(newest, false);
            look();
            merge(runs.list(), true);
            look();
            FindBatch batch = new FindBatch();
            List<Key> keys = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                keys.add(generator.key());
                Key key = keys.getLast();
                batch.add(key.routing(), key.kind(), key.bytes(), 0, key.bytes().length);
            }
            twice(
                    () -> {
                        runs.find(batch, Runnable::run, 3);
                        return batch;
                    });
            NavigableMap<Key, Change> all = Model.merged(contents, true);
            for (int i = 0; i < 50; i++) {
                assertThat(batch.found(i)).isEqualTo(Model.found(all.get(keys.get(i))));
            }
        }

        private Run write(Content content) throws IOException {
            int held = pages.held();
            RunFile file = files.create();
            boolean written = false;
            try {
                RunOptions options = new RunOptions(700, 8192, 10, 300);
                generator.write(file, content, true, options, pages);
                written = true;
            } finally {
                if (!written) {
                    file.release();
                    assertThat(pages.held()).as("held after a failed write").isEqualTo(held);
                }
            }
            return Run.open(file, generator.description, pages);
        }

        private void merge(List<Run> inputs, boolean oldest) throws IOException {
            int held = pages.held();
            int files = this.files.held.size();
            Run output =
                    twice(
                            () -> {
                                assertThat(pages.held()).isEqualTo(held);
                                assertThat(this.files.held).hasSize(files);
                                Merge.Settings settings =
                                        new Merge.Settings(
                                                this.files, pages, 10, null, Pacer.UNLIMITED);
                                return Merge.of(inputs, oldest, generator.description, settings)
                                        .run();
                            });
            runs.replace(inputs, output);
        }

        private void look() throws IOException {
            NavigableMap<Key, Change> all = Model.merged(contents, runs.list().size() == 1);
            ByteSlot slot = new ByteSlot();
            for (int i = 0; i < 30; i++) {
                Key key = generator.key();
                byte[] bytes = key.bytes();
                Found found =
                        twice(
                                () ->
                                        runs.find(
                                                key.routing(),
                                                key.kind(),
                                                bytes,
                                                0,
                                                bytes.length,
                                                slot));
                Check.found(key, found, slot, all.get(key));
            }
            twice(
                    () -> {
                        Check.scan(runs.scan(0, -1, true), all);
                        return all;
                    });
            for (Run run : runs.list()) {
                twice(
                        () -> {
                            run.verify();
                            return run;
                        });
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
    void anything_nthCallOfTheDiskFails_saysSoAndHoldsNothing(long seed) throws IOException {
        long calls;
        try (Life life = new Life(seed)) {
            life.live();
            assertThat(life.failures).isEmpty();
            calls = life.files.calls();
        }
        SplittableRandom random = new SplittableRandom(seed);
        // All of the first, when files are written, and some of the many that read.
        for (long nth = 1; nth <= calls; nth += nth < 60 ? 1 : 1 + random.nextInt(150)) {
            String message = random.nextBoolean() ? EIO : ENOSPC;
            try (Life life = new Life(seed)) {
                life.files.fail(nth, message);
                life.live();
                assertThat(life.files.failed()).isTrue();
                assertThat(life.failures).hasSize(1);
                assertThat(life.failures.getFirst()).contains(message);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void anything_nthPageIsRefused_saysSoOrDoesWithoutAFilterAndHoldsNothing(long seed)
            throws IOException {
        boolean refused = true;
        int explained = 0;
        int without = 0;
        for (long nth = 1; refused; nth++) {
            try (Life life = new Life(seed)) {
                life.pages.refuse(nth);
                life.live();
                refused = life.pages.refused();
                for (String failure : life.failures) {
                    assertThat(failure).startsWith("cannot allocate 1 page");
                }
                explained += life.failures.size();
                without += refused && life.failures.isEmpty() ? 1 : 0;
            }
        }
        assertThat(explained).as("refusals of pages for fences").isGreaterThan(8);
        assertThat(without).as("refusals of pages for filters").isGreaterThan(3);
    }
}
