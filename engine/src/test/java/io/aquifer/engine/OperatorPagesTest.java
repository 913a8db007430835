package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.memory.ManagedPages;
import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Raw pages against the ledger.
class OperatorPagesTest {
    private static final int PAGE = ManagedPages.PAGE_SIZE_BYTES;
    private static final long HEAP = 1 << 20;

    @Test
    void pages_areHeldUntilReleased_andTheirSegmentsUntilTheScopeEnds() {
        List<MemorySegment> segments = new ArrayList<>();
        try (MemoryManager manager =
                        MemoryManager.create(
                                new MemoryPlan(HEAP + 3 * PAGE, 3 * PAGE, 0, HEAP, 0, 0, 0));
                MemoryScope scope = manager.openScope("job / raw (1/1)");
                OperatorPages pages =
                        new OperatorPages(
                                scope.leasePages(manager.managed(), "raw / pages"),
                                PageLease::view)) {
            for (int i = 0; i < 3; i++) {
                MemorySegment segment = pages.allocate();
                assertThat(segment.byteSize()).isEqualTo(PAGE);
                assertThat(segment.address() % 8).isZero();
                segment.fill((byte) i);
                segments.add(segment);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(segments.get(i).get(ValueLayout.JAVA_BYTE, PAGE - 1))
                        .isEqualTo((byte) i);
            }
            assertThat(pages.pageCount()).isEqualTo(3);
            assertThat(scope.heldBytes()).isEqualTo(3 * PAGE);
            assertThatThrownBy(() -> segments.get(0).get(ValueLayout.JAVA_BYTE, PAGE))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(pages::allocate)
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageContaining("for 'job / raw (1/1) / raw / pages'");
            assertThat(pages.pageCount()).isEqualTo(3);
            MemorySegment first = segments.getFirst();
            pages.release(first);
            assertThat(scope.heldBytes()).isEqualTo(2 * PAGE);
            assertThatThrownBy(() -> pages.release(first))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "cannot release a segment of 32.0 KiB at 0x%x to 'job / raw (1/1) / raw / pages': it is not a page of it, or was released before; pass the segment that allocate() returned"
                                    .formatted(first.address()));
            assertThatThrownBy(() -> pages.release(segments.get(1).asSlice(0, 8)))
                    .hasMessageContaining("cannot release a segment of 8 B at");
            assertThat(pages.pageCount()).isEqualTo(2);
            segments.add(pages.allocate());
        }
        for (MemorySegment segment : segments) {
            assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }
}
