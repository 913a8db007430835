package io.aquifer.state;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.state.spill.SpillException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;

/// The pages that a call of a table has taken and not used yet. Taking some may wait, and whoever
/// waits may be asked to give memory back, the table included: so a call that has taken any starts
/// anew, and what it does not need in the end goes back.
final class Spares {
    private final HeldPages source;
    private final RecordPages pages;
    private final @Nullable Eviction eviction;
    private final @Nullable ColdTier cold;
    private long[] spares = new long[4];
    private int count;

    Spares(
            HeldPages source,
            RecordPages pages,
            @Nullable Eviction eviction,
            @Nullable ColdTier cold) {
        this.source = source;
        this.pages = pages;
        this.eviction = eviction;
        this.cold = cold;
    }

    /// Whether so many pages are at hand; else takes them from the source, which may change
    /// everything else.
    boolean has(int wanted) {
        if (count >= wanted) {
            return true;
        }
        pages.requireNumbers(wanted);
        boolean complete = false;
        try {
            while (count < wanted) {
                add(allocate(wanted - count));
            }
            complete = true;
        } finally {
            if (!complete) {
                release();
            }
        }
        source.keep();
        return false;
    }

    /// A page; when nobody has one, from what the table can evict though it was not asked, since it
    /// has little or had failed before.
    ///
    /// @param wanted how many will be taken
    private long allocate(int wanted) {
        try {
            return source.allocate();
        } catch (MemoryExhaustedException exhausted) {
            if (eviction == null || cold == null) {
                throw exhausted;
            }
            eviction.run(wanted);
            long page = source.tryAllocate();
            if (page != 0) {
                return page;
            }
            IOException refusal = eviction.refusal();
            if (refusal == null) {
                throw exhausted;
            }
            SpillException spilling = cold.notWritten(refusal);
            spilling.addSuppressed(exhausted);
            throw spilling;
        }
    }

    /// As [#has], without waiting for anybody: changes nothing else.
    boolean hasForNothing(int wanted) {
        pages.requireNumbers(wanted);
        while (count < wanted) {
            long page = source.tryAllocate();
            if (page == 0) {
                return false;
            }
            add(page);
        }
        return true;
    }

    private void add(long page) {
        if (count == spares.length) {
            spares = Arrays.copyOf(spares, count * 2);
        }
        spares[count++] = page;
    }

    /// One of those that are at hand.
    long take() {
        return spares[--count];
    }

    /// Takes some of those that are at hand: in [#array] from the position returned on, until the
    /// next call.
    int takeSome(int wanted) {
        count -= wanted;
        return count;
    }

    long[] array() {
        return spares;
    }

    /// Gives back what was not used.
    void release() {
        while (count > 0) {
            source.release(spares[--count]);
        }
    }
}
