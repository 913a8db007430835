package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.memory.space.AddressSpace;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;

/// Checked views of pages: nothing outside the page, nothing of others, nothing after the end.
class ScopeViewTest {
    private static final long PAGE = Plans.PAGE;
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(64, 0, 0, 16, 4, 0), MemoryOptions.DEFAULTS.withoutPurging());
    private final MemoryScope scope = manager.openScope("task");
    private final PageLease lease = scope.leasePages(manager.managed(), "cells");

    @AfterEach
    void close() {
        scope.closeAndReport();
        manager.close();
    }

    @Test
    void view_ofAHeldPage_showsThePage() {
        long address = lease.allocatePage();
        MemorySegment view = lease.view(address);

        assertThat(view.byteSize()).isEqualTo(PAGE);
        view.set(JAVA_LONG_UNALIGNED, 0, 77);
        view.set(JAVA_LONG_UNALIGNED, PAGE - Long.BYTES, 78);
        assertThat(PageAccess.getLong(address)).isEqualTo(77);
        assertThat(PageAccess.getLong(address + PAGE - Long.BYTES)).isEqualTo(78);
        assertThat(lease.view(address).get(JAVA_LONG_UNALIGNED, 0)).isEqualTo(77);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                -1,
                -PAGE,
                PAGE - Long.BYTES + 1,
                PAGE,
                2 * PAGE,
                1L << 32,
                Long.MAX_VALUE - Long.BYTES,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void view_accessOutsideThePage_throwsAndChangesNothing(long offset) {
        long[] pages = lease.allocatePages(3);
        MemorySegment view = lease.view(pages[1]);

        assertThatThrownBy(() -> view.get(JAVA_LONG_UNALIGNED, offset))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> view.set(JAVA_LONG_UNALIGNED, offset, -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> view.asSlice(offset, Long.BYTES))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> view.asSlice(8, offset == PAGE - 7 ? PAGE : offset))
                .isInstanceOf(RuntimeException.class);
        for (long page : pages) {
            assertThat(PageAccess.equals(page, new byte[(int) PAGE], 0, (int) PAGE)).isTrue();
        }
    }

    @Test
    void view_afterTheScopeEnded_throws() {
        MemorySegment view = lease.view(lease.allocatePage());
        MemorySegment slice = view.asSlice(100, 8);
        scope.closeAndReport();

        assertThatThrownBy(() -> view.get(JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Already closed");
        assertThatThrownBy(() -> view.set(JAVA_BYTE, 0, (byte) 1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> slice.fill((byte) 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.asByteBuffer().put(0, (byte) 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void view_ofAnInnerScope_endsWithTheOuterOne() {
        MemoryScope inner = scope.openScope("inner");
        PageLease innerLease = inner.leasePages(manager.managed(), "pages");
        MemorySegment innerView = innerLease.view(innerLease.allocatePage());
        MemorySegment outerView = lease.view(lease.allocatePage());

        inner.closeAndReport();
        assertThatThrownBy(() -> innerView.get(JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
        assertThat(outerView.get(JAVA_BYTE, 0)).isZero();

        MemoryScope second = scope.openScope("second");
        PageLease secondLease = second.leasePages(manager.managed(), "pages");
        MemorySegment secondView = secondLease.view(secondLease.allocatePage());
        scope.closeAndReport();
        assertThatThrownBy(() -> secondView.get(JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void view_ofAPageOfAnother_isRefused() {
        try (MemoryScope stranger = manager.openScope("stranger");
                PageLease theirs = stranger.leasePages(manager.managed(), "pages")) {
            long address = theirs.allocatePage();
            String hex = Long.toHexString(address);

            assertThatThrownBy(() -> lease.view(address))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessage(
                            "lease 'task / cells' cannot show the page at 0x"
                                    + hex
                                    + ": it is held by 'stranger / pages'. Nothing was changed. A"
                                    + " page goes back to the lease it came from.");
            assertThatThrownBy(() -> lease.view(address + 8))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessage(
                            "lease 'task / cells' cannot show address 0x"
                                    + Long.toHexString(address + 8)
                                    + ": no page starts there. Nothing was changed.");
            theirs.releasePage(address);
            assertThatThrownBy(() -> theirs.view(address))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessage(
                            "lease 'stranger / pages' cannot show the page at 0x"
                                    + hex
                                    + ": nobody holds it, it was already released. Nothing was"
                                    + " changed. Look for the same page released twice.");
        }
    }

    @Test
    void view_ofAClosedLease_isRefused() {
        long address = lease.allocatePage();
        lease.close();

        assertThatThrownBy(() -> lease.view(address))
                .isInstanceOf(MemoryUseException.class)
                .hasMessageStartingWith("lease 'task / cells' is closed.");
    }

    @Test
    void moveTo_anotherScope_newViewsEndWithIt() {
        MemoryScope next = manager.openScope("next");
        long address = lease.allocatePage();
        lease.moveTo(next);
        MemorySegment view = lease.view(address);

        scope.closeAndReport();
        view.set(JAVA_LONG_UNALIGNED, 0, 5);
        assertThat(lease.view(address).get(JAVA_LONG_UNALIGNED, 0)).isEqualTo(5);

        next.closeAndReport();
        assertThatThrownBy(() -> view.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void moveTo_anotherScope_oldViewsEndWithTheFormer() {
        assumeTrue(
                AddressSpace.MAPPED,
                "portable views end when their extent is given back, which the new owner has");
        MemoryScope next = manager.openScope("next");
        long address = lease.allocatePage();
        MemorySegment old = lease.view(address);
        lease.moveTo(next);
        MemorySegment fresh = lease.view(address);

        old.set(JAVA_LONG_UNALIGNED, 0, 5);
        scope.closeAndReport();

        assertThatThrownBy(() -> old.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(fresh.get(JAVA_LONG_UNALIGNED, 0)).isEqualTo(5);
        next.closeAndReport();
    }

    /// Portable mode: where owners had to share an extent, nobody gets a view that would outlive
    /// its owner; and an extent with views is not shared.
    @Test
    void view_ofAPageInASharedExtent_isRefused() {
        assumeTrue(!AddressSpace.MAPPED, "extents are single pages");
        try (MemoryManager small = MemoryManager.create(Plans.managedOnly(32));
                MemoryScope first = small.openScope("first");
                MemoryScope second = small.openScope("second");
                MemoryScope third = small.openScope("third");
                PageLease firstPages = first.leasePages(small.managed(), "pages");
                PageLease secondPages = second.leasePages(small.managed(), "pages");
                PageLease thirdPages = third.leasePages(small.managed(), "pages")) {
            long viewed = firstPages.allocatePage();
            MemorySegment view = firstPages.view(viewed);
            secondPages.allocatePage();
            long shared = thirdPages.allocatePage();

            assertThat(PageAccess.getLong(shared)).isZero();
            assertThatThrownBy(() -> thirdPages.view(shared))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessage(
                            "cannot show a page of 'third' as a view: it lies beside pages of"
                                    + " another owner, since memory is scattered, and such views"
                                    + " would outlive their owners. Grant native access"
                                    + " (--enable-native-access=io.aquifer.memory), or raise"
                                    + " --memory or env.setMemory.");
            assertThat(view.get(JAVA_BYTE, 0)).isZero();
        }
    }
}
