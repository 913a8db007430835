package io.aquifer.memory;

import io.aquifer.memory.space.AddressSpace;
import io.aquifer.memory.space.PageSpace;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The checked views of one scope, all revoked together when its arena is closed.
///
/// One shared arena for each scope, made when the first view is asked for: closing one stops every
/// thread of the process for some tens of microseconds, so there must not be one for each page.
///
/// In the mapped mode a view is a slice of the whole space, re-scoped once. In the portable mode,
/// where nothing can be re-scoped, a view is a slice of its chunk and ends when the chunk is freed;
/// [ScopeEnds] frees the chunks of a scope when it ends.
final class ScopeViews {
    private final PageSpace space;
    private @Nullable Arena arena;
    private @Nullable MemorySegment window;
    private boolean revoked;
    private boolean given;

    ScopeViews(PageSpace space) {
        this.space = space;
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by revoke
    synchronized MemorySegment of(int page) {
        if (revoked) {
            throw new IllegalStateException("the scope has ended; its views are revoked");
        }
        if (!AddressSpace.MAPPED) {
            return space.view(page, Arena.global());
        }
        if (arena == null) {
            Arena made = Arena.ofShared();
            window = space.window(made);
            arena = made;
            given = true;
        }
        return Objects.requireNonNull(window)
                .asSlice((long) page * PageSpace.PAGE_BYTES, PageSpace.PAGE_BYTES);
    }

    /// Whether somebody ever got one that ends with the arena, which leaves the pages where they
    /// are.
    synchronized boolean wereGiven() {
        return given;
    }

    /// Makes every access through a view throw. Waits for nothing.
    ///
    /// @return false if an IO operation uses a view right now; then try again when it may have
    ///   ended
    synchronized boolean revoke() {
        revoked = true;
        if (arena == null) {
            return true;
        }
        try {
            arena.close();
            arena = null;
            window = null;
            return true;
        } catch (IllegalStateException inUse) {
            return false;
        }
    }
}
