package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.memory.ManagedPages;
import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Raw pages against the ledger, with segments of an arena in the place of the kernel's views.
class OperatorPagesTest {
    private static final int PAGE = ManagedPages.PAGE_SIZE_BYTES;
    private static final long HEAP = 1 << 20;

    private final MemoryManager manager =
            MemoryManager.create(new MemoryPlan(HEAP + 3 * PAGE, 3 * PAGE, 0, HEAP, 0, 0, 0));
    private final MemoryScope scope = manager.openScope("job / raw (1/1)");

    @Test
    void pages_areHeldUntilReleasedOrClosed() {
        try (manager;
                scope;
                Arena arena = Arena.ofConfined();
                OperatorPages pages =
                        new OperatorPages(
                                scope.leasePages(manager.managed(), "raw / pages"),
                                (lease, page) -> arena.allocate(PAGE, PAGE))) {
            MemorySegment first = pages.allocate();
            MemorySegment second = pages.allocate();
            pages.allocate();
            first.set(ValueLayout.JAVA_LONG, 0, 7);
            assertThat(second.byteSize()).isEqualTo(PAGE);
            assertThat(pages.pageCount()).isEqualTo(3);
            assertThat(scope.heldBytes()).isEqualTo(3 * PAGE);
            assertThatThrownBy(pages::allocate)
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageContaining("for 'job / raw (1/1) / raw / pages'");
            pages.release(first);
            assertThat(scope.heldBytes()).isEqualTo(2 * PAGE);
            assertThatThrownBy(() -> pages.release(first))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "cannot release a segment of 32.0 KiB at 0x%x to 'job / raw (1/1) / raw / pages': it is not a page of it, or was released before; pass the segment that allocate() returned"
                                    .formatted(first.address()));
            assertThatThrownBy(() -> pages.release(second.asSlice(0, 8)))
                    .hasMessageContaining("cannot release a segment of 8 B at");
            assertThat(pages.pageCount()).isEqualTo(2);
        }
    }

    @Test
    void allocate_viewThatFails_keepsNoPage() {
        try (manager;
                scope;
                OperatorPages pages =
                        new OperatorPages(
                                scope.leasePages(manager.managed(), "raw / pages"),
                                (lease, page) -> {
                                    throw new IllegalStateException("no view");
                                })) {
            assertThatThrownBy(pages::allocate).hasMessage("no view");
            assertThat(pages.pageCount()).isZero();
            assertThat(scope.heldBytes()).isZero();
        }
    }
}
