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
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A table's thread that looks up, adds and replaces, while others merge, scan and keep files for a
/// checkpoint.
///
/// Goal: everybody sees what the runs said when they took them, whatever became of them since, and
/// the last one to let go gives all back.
class RunThreadsTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void mergesScansAndCheckpoints_whileTheTableGoesOn_seeTheirRuns(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestRunPages pages = new TestRunPages();
                MemoryRunFiles files = new MemoryRunFiles();
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Generator generator = new Generator(random.split(), 400, 2000);
            Runs runs = new Runs();
            List<Content> contents = new ArrayList<>();
            List<Future<?>> others = new ArrayList<>();
            for (int round = 0; round < 8; round++) {
                while (runs.list().size() < 6) {
                    add(generator, runs, contents, files, pages);
                }
                NavigableMap<Key, Change> all = Model.merged(contents, false);
                int count = 2 + random.nextInt(4);
                boolean oldest = random.nextBoolean();
                int first = oldest ? runs.list().size() - count : 0;
                List<Run> inputs = runs.list().subList(first, first + count);
                Merge merge =
                        Merge.of(
                                inputs,
                                oldest,
                                generator.description,
                                new Merge.Settings(files, pages, 10, null, Pacer.UNLIMITED));
                Future<Run> output = threads.submit(merge::run);
                RunScan scan = runs.scan(0, -1, true);
                others.add(threads.submit(() -> scanned(scan, all)));
                others.add(keepForACheckpoint(runs.list().get(random.nextInt(6)), threads));
                look(runs, generator, all);

                Run merged = output.get();
                runs.replace(merge.inputs(), merged);
                List<Content> replaced = contents.subList(first, first + count);
                Content content = new Content();
                content.putAll(Model.merged(replaced, oldest));
                replaced.clear();
                if (merged != null) {
                    contents.add(first, content);
                }
                look(runs, generator, Model.merged(contents, false));
            }
            runs.close();
            for (Future<?> other : others) {
                other.get();
            }
        }
    }

    private static void add(
            Generator generator,
            Runs runs,
            List<Content> contents,
            MemoryRunFiles files,
            TestRunPages pages)
            throws IOException {
        Content content = generator.content(300, true);
        RunFile file = files.create();
        generator.write(file, content, true, generator.options(300), pages);
        runs.addNewest(Run.open(file, generator.description, pages));
        contents.addFirst(content);
    }

    private static boolean scanned(RunScan scan, NavigableMap<Key, Change> all) throws IOException {
        Check.scan(scan, all);
        return true;
    }

    /// Holds a run's file and reads it in the end, when the run may be long gone.
    private static Future<?> keepForACheckpoint(Run run, ExecutorService threads)
            throws IOException {
        RunFile file = run.file();
        file.retain();
        byte[] before = ((MemoryRunFiles.MemoryFile) file).content();
        return threads.submit(
                () -> {
                    byte[] after = new byte[before.length];
                    new RunInput(file).read(0, after, 0, after.length);
                    file.release();
                    assertThat(after).isEqualTo(before);
                    return true;
                });
    }

    private static void look(Runs runs, Generator generator, NavigableMap<Key, Change> all)
            throws IOException {
        ByteSlot slot = new ByteSlot();
        for (int i = 0; i < 300; i++) {
            Key key = generator.key();
            byte[] bytes = key.bytes();
            Found found = runs.find(key.routing(), key.kind(), bytes, 0, bytes.length, slot);
            Check.found(key, found, slot, all.get(key));
        }
    }
}
