package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Batches with executors that do much or little for them.
class BatchPartsTest {
    private final TestRunPages pages = new TestRunPages();
    private final MemoryRunFiles files = new MemoryRunFiles();
    private final Runs runs = new Runs();
    private final Generator generator = new Generator(new SplittableRandom(11), 2000, 1000);
    private final Content content = new Content();
    private final FindBatch batch = new FindBatch();

    @BeforeEach
    void open() throws IOException {
        for (int i = 0; i < 2000; i++) {
            long routing =
                    generator.description.firstRouting(0) + generator.random.nextLong(1L << 48);
            content.put(
                    new Key(routing, 1, generator.bytes(8)),
                    new Change(EntryOp.PUT, generator.value()));
        }
        RunFile file = files.create();
        generator.write(file, content, false, new RunOptions(512, 4096, 0, 0), pages);
        runs.addNewest(Run.open(file, generator.description, pages));
        for (Key key : content.keySet()) {
            batch.add(key.routing(), key.kind(), key.bytes(), 0, key.bytes().length);
        }
    }

    @AfterEach
    void nothingIsHeld() {
        runs.close();
        files.close();
        pages.close();
    }

    private void assertAllFound() {
        for (int i = 0; i < batch.count(); i++) {
            assertThat(batch.found(i)).isEqualTo(Found.VALUE);
        }
    }

    private long blocksRead() {
        return runs.statistics().blocksRead();
    }

    @Test
    void find_allKeysAtOnce_readsEachBlockOnce() throws IOException {
        runs.find(batch);
        assertAllFound();
        assertThat(blocksRead()).isEqualTo(runs.list().getFirst().blocks());
        assertThat(runs.statistics().readAmplification()).isLessThan(0.5);
    }

    @Test
    void find_inParts_readsABlockAtABorderTwiceAtMost() throws IOException {
        runs.find(batch, Runnable::run, 8);
        assertAllFound();
        assertThat(blocksRead())
                .isBetween(
                        (long) runs.list().getFirst().blocks(),
                        runs.list().getFirst().blocks() + 7L);
        assertThat(runs.statistics().finds()).isEqualTo(content.size());
    }

    @Test
    void find_executorThatRefusesOrForgets_isDoneByTheCaller() throws IOException {
        List<Executor> executors =
                List.of(
                        task -> {
                            throw new RejectedExecutionException("full");
                        },
                        task -> {});
        for (Executor executor : executors) {
            runs.find(batch, executor, 5);
            assertAllFound();
        }
    }

    /// A task that comes when the batch is over finds nothing to do.
    @Test
    void find_executorThatIsLate_changesNothing() throws IOException {
        Deque<Runnable> late = new ArrayDeque<>();
        runs.find(batch, late::add, 5);
        assertAllFound();
        assertThat(late).hasSize(4);
        batch.clear();
        late.forEach(Runnable::run);
        assertThat(batch.count()).isZero();
    }

    @Test
    void find_aPartFails_throwsWhatItThrewWhenAllHaveEnded() throws IOException {
        for (int nth = 1; nth < 100; nth += 12) {
            files.fail(nth, "Input/output error");
            assertThatThrownBy(() -> runs.find(batch, Runnable::run, 4))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(
                            "cannot read [0-9,]+ bytes at byte [0-9,]+ of run 'run-1': Input/output"
                                    + " error");
        }
        runs.find(batch);
        assertAllFound();
    }

    /// An interrupt is kept, and what runs is waited for.
    @Test
    void find_interrupted_waitsForItsThreadsAllTheSame() throws Exception {
        List<Thread> threads = new ArrayList<>();
        Executor executor =
                task -> {
                    Thread thread = new Thread(task);
                    threads.add(thread);
                    thread.start();
                };
        Thread.currentThread().interrupt();
        runs.find(batch, executor, 3);
        assertThat(Thread.interrupted()).isTrue();
        assertAllFound();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void add_moreThanABatchTakes_isRefused() {
        FindBatch full = new FindBatch();
        for (int i = 0; i < FindBatch.KEYS_MAX; i++) {
            full.add(i, 0, new byte[1], 0, 1);
        }
        assertThatThrownBy(() -> full.add(0, 0, new byte[1], 0, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "a batch takes 1,048,576 keys of 1,073,741,824 bytes together; it has"
                                + " 1,048,576 of 1,048,576 bytes");
        full.clear();
        assertThat(full.add(0, 0, new byte[1], 0, 1)).isZero();
        assertThatThrownBy(() -> full.found(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
