package io.aquifer.benchmarks.pages;

import io.aquifer.benchmarks.KeySequence;

import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.util.concurrent.TimeUnit;

/// What is common to the accesses: how many pages there are, and the random places.
///
/// Each benchmark method does [#ACCESSES] of them: one page from its start to its end, or as many
/// random longs. Eight pages stay in the processor's caches; 4096 (128 MiB) do not, so a random
/// access is a miss whoever checks it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public abstract class AccessShape {
    static final int ACCESSES = Pattern.PAGE_BYTES / 8;

    @Param({"8", "4096"})
    int pageCount;

    /// Of each random access the page and, in the low 12 bits, the long in it.
    final int[] places = new int[ACCESSES];

    private int sequential;
    private long shift;

    @Setup(Level.Trial)
    public void choosePlaces() {
        KeySequence random = new KeySequence(1, (long) pageCount * ACCESSES);
        for (int i = 0; i < places.length; i++) {
            places[i] = (int) random.next();
        }
        open(pageCount);
    }

    /// Makes the pages, all of them written to.
    abstract void open(int pages);

    /// The next page in turn.
    int nextPage() {
        sequential = sequential + 1 == pageCount ? 0 : sequential + 1;
        return sequential;
    }

    /// What to add to all places of one invocation, so that no two meet the same cache lines.
    int nextShift() {
        shift = shift * 0x5851F42D4C957F2DL + 0x14057B7EF767814FL;
        return (int) (shift >>> 32);
    }

    /// A place, moved; the number of pages is a power of two.
    int moved(int place, int by) {
        return (place + by) & (pageCount * ACCESSES - 1);
    }

    static int page(int place) {
        return place >>> 12;
    }

    static int offset(int place) {
        return (place & (ACCESSES - 1)) << 3;
    }
}
