package io.aquifer.benchmarks.pages;

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

import java.util.concurrent.TimeUnit;

/// What each contender does whose page is an address; [ObjectPatterns] is the same for those whose
/// page is an object, so that neither pays for the other's shape.
///
/// One instance belongs to one benchmark thread, or, in the hand-over, to one pair of threads. Each
/// method is one page acquired and one released. JMH lets only groups use a state of a group, hence
/// the groups of one thread.
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public abstract class AddressPatterns {
    private final long[] live = new long[Pattern.LIVE_PAGES];
    private final AddressRing ring = new AddressRing(Pattern.RING_PAGES);
    private boolean filled;
    private long random = 0x9E3779B97F4A7C15L;

    abstract long acquire();

    abstract void release(long page);

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
        if (!filled) {
            fill();
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        int index = (int) random & (Pattern.LIVE_PAGES - 1);
        release(live[index]);
        live[index] = acquire();
    }

    /// Takes a page and hands it to the other thread of the pair.
    @Benchmark
    @Group("handOver")
    @GroupThreads(1)
    public void acquirer(Control control) {
        if (control.stopMeasurement) {
            return; // the ring stays empty for the teardown
        }
        long page = acquire();
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
        long page = ring.poll();
        for (int tries = 0; page == 0; tries++) {
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
        for (long page = ring.poll(); page != 0; page = ring.poll()) {
            release(page);
        }
    }

    @TearDown(Level.Trial)
    public void giveBack() {
        if (filled) {
            for (long page : live) {
                release(page);
            }
            filled = false;
        }
        close();
    }

    private void fill() {
        for (int i = 0; i < live.length; i++) {
            live[i] = acquire();
        }
        filled = true;
    }
}
