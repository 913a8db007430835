package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.memory.ManagedPages;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.engine.JobExecutionException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// Threads that go on using a task's memory after the task has ended: they get exceptions, and the
/// job that has the memory next never sees a byte of theirs.
@ExtendWith(LeakGuard.class)
@Timeout(120)
class LateThreadTest {
    private static final int PAGES = 64;
    private static final long MARK = 0x5A5A_5A5A_5A5A_5A5AL;

    private static volatile CountDownLatch entered = new CountDownLatch(1);
    private static volatile @Nullable Thread late;
    private static volatile @Nullable Throwable lateFailure;
    private static final AtomicLong LATE_WRITES = new AtomicLong();

    @BeforeEach
    void prepare() {
        entered = new CountDownLatch(1);
        late = null;
        lateFailure = null;
        LATE_WRITES.set(0);
    }

    @AfterEach
    void clear() throws InterruptedException {
        Thread thread = late;
        if (thread != null) {
            thread.join();
        }
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(1);
        return env;
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.yield();
        }
    }

    /// Takes pages and state, and leaves a thread behind that writes to both for ever.
    private static final class Leaving extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;
        private transient ManagedPages pages;
        private transient ValueState<Long> count;

        @Override
        public void open() {
            pages = getRuntimeContext().getManagedMemory().pages("raw");
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
        }

        @Override
        public void processElement(Long value, Context<Long> context, Collector<Long> out)
                throws Exception {
            List<MemorySegment> taken = new ArrayList<>();
            for (int i = 0; i < PAGES; i++) {
                taken.add(pages.allocate());
            }
            ValueState<Long> state = count;
            late =
                    Thread.ofPlatform()
                            .name("late writer")
                            .start(() -> lateFailure = write(taken, state));
            until(() -> LATE_WRITES.get() > 1_000);
            entered.countDown();
            new CountDownLatch(1).await();
        }

        private static @Nullable Throwable write(
                List<MemorySegment> pages, ValueState<Long> state) {
            Throwable byState = null;
            try {
                state.update(MARK);
            } catch (IllegalStateException notItsThread) {
                byState = notItsThread;
            }
            try {
                while (byState != null) {
                    for (MemorySegment page : pages) {
                        page.set(JAVA_LONG, 8, MARK);
                        LATE_WRITES.incrementAndGet();
                    }
                }
            } catch (IllegalStateException revoked) {
                byState.addSuppressed(revoked);
            }
            return byState;
        }
    }

    /// Fills all it gets with its own pattern and looks at it again and again.
    private static final class Watching extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;
        private transient List<MemorySegment> pages;

        @Override
        public void open() {
            ManagedPages managed = getRuntimeContext().getManagedMemory().pages("mine");
            pages = new ArrayList<>();
            for (int i = 0; i < 4 * PAGES; i++) {
                MemorySegment page = managed.allocate();
                for (long at = 0; at < ManagedPages.PAGE_SIZE_BYTES; at += Long.BYTES) {
                    if (page.get(JAVA_LONG, at) == MARK) {
                        throw new IllegalStateException("another job's bytes at " + at);
                    }
                    page.set(JAVA_LONG, at, at ^ i);
                }
                pages.add(page);
            }
        }

        @Override
        public void processElement(Long value, Context<Long> context, Collector<Long> out) {
            for (int i = 0; i < pages.size(); i++) {
                MemorySegment page = pages.get(i);
                for (long at = 0; at < ManagedPages.PAGE_SIZE_BYTES; at += Long.BYTES) {
                    if (page.get(JAVA_LONG, at) != (at ^ i)) {
                        throw new IllegalStateException("page " + i + " changed at " + at);
                    }
                }
            }
            out.collect(value);
        }
    }

    @Test
    void threadLeftBehind_writesThroughViewsAndState_getsExceptionsAndHarmsNobody()
            throws Exception {
        StreamExecutionEnvironment first = environment();
        first.fromSequence(1, 1)
                .keyBy(value -> value)
                .process(new Leaving())
                .returns(Long.class)
                .collect(value -> {});
        JobClient job = first.executeAsync("leaving");
        entered.await();
        job.cancel();
        assertThat(catchThrowableOfType(JobExecutionException.class, job::getResult))
                .hasMessage("job 'leaving' was cancelled");

        StreamExecutionEnvironment second = environment();
        List<Long> seen = new ArrayList<>();
        second.fromSequence(1, 50)
                .keyBy(value -> value % 3)
                .process(new Watching())
                .returns(Long.class)
                .collect(
                        value -> {
                            synchronized (seen) {
                                seen.add(value);
                            }
                        });
        second.execute("watching");

        assertThat(seen).hasSize(50);
        Thread thread = late;
        assertThat(thread).isNotNull();
        thread.join();
        Throwable failure = lateFailure;
        assertThat(failure)
                .hasMessageStartingWith("state of task 'leaving / ")
                .hasMessageContaining("is used by thread 'late writer'");
        assertThat(failure.getSuppressed()).singleElement().hasFieldOrProperty("message");
        assertThat(failure.getSuppressed()[0]).hasMessageContaining("closed");
    }
}
