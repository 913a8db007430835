package io.aquifer.benchmarks.pages;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What each contender does whose page is an object; [AddressPatterns] is the same for those whose
/// page is an address, so that neither pays for the other's shape.
///
/// @param <P> a page
///
///   One instance belongs to one benchmark thread, or, in the hand-over, to one pair of threads.
///   Each method is one page acquired and one released. JMH lets only groups use a state of a
///   group, hence the groups of one thread.
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public abstract class ObjectPatterns<P> {
    private final List<P> live = new ArrayList<>();
    private final ObjectRing<P> ring = new ObjectRing<>(Pattern.RING_PAGES);
    private long random = 0x9E3779B97F4A7C15L;

    abstract P acquire();

    abstract void release(P page);

    /// Called when every page of this instance has been released. Others may still hold some, so
    /// what all share ends with the process.
    void close() {}

    /// The same thread takes a page and gives it back at once.
    @Benchmark
    @Group("sameThread")
    @GroupThreads(1)
    public void sameThread() {
        release(acquire());
    }

    /// A thread that holds 128 pages replaces one of them at random.
    @Benchmark
    @Group("liveSet")
    @GroupThreads(1)
    public void liveSet() {
        if (live.isEmpty()) {
            fill();
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        int index = (int) random & (Pattern.LIVE_PAGES - 1);
        release(live.get(index));
        live.set(index, acquire());
    }

    /// Takes a page and hands it to the other thread of the pair.
    @Benchmark
    @Group("handOver")
    @GroupThreads(1)
    public void acquirer(Control control) {
        if (control.stopMeasurement) {
            return; // the ring stays empty for the teardown
        }
        P page = acquire();
        for (int tries = 0; !ring.offer(page); tries++) {
            if (control.stopMeasurement) {
                release(page);
                return;
            }
            Pattern.pause(tries);
        }
    }

    /// Releases the page that the other thread of the pair took.
    @Benchmark
    @Group("handOver")
    @GroupThreads(1)
    public void releaser(Control control) {
        @Nullable P page = ring.poll();
        for (int tries = 0; page == null; tries++) {
            if (control.stopMeasurement) {
                return;
            }
            Pattern.pause(tries);
            page = ring.poll();
        }
        release(page);
    }

    /// Between iterations nobody holds a page of the ring.
    @TearDown(Level.Iteration)
    public void drain() {
        for (@Nullable P page = ring.poll(); page != null; page = ring.poll()) {
            release(page);
        }
    }

    @TearDown(Level.Trial)
    public void giveBack() {
        live.forEach(this::release);
        live.clear();
        close();
    }

    private void fill() {
        for (int i = 0; i < Pattern.LIVE_PAGES; i++) {
            live.add(acquire());
        }
    }
}
