package io.aquifer.memory.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Random accesses to two pages against two byte arrays as the model.
class PageAccessTest {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final long BUDGET = 64L * PAGE;

    private final MemoryManager manager =
            MemoryManager.create(new MemoryPlan(BUDGET, BUDGET, 0, 0, 0, 0, 0));
    private final MemoryScope scope = manager.openScope("test");
    private final PageLease lease = scope.leasePages(manager.managed(), "pages");

    @AfterEach
    void close() {
        lease.close();
        scope.close();
        manager.close();
    }

    @Test
    void everyAccess_atAnyOffset_doesWhatAnArrayDoes() {
        SplittableRandom random = new SplittableRandom(7);
        long[] pages = {lease.allocatePage(), lease.allocatePage()};
        ByteBuffer[] models = {order(ByteBuffer.allocate(PAGE)), order(ByteBuffer.allocate(PAGE))};
        for (int step = 0; step < 20_000; step++) {
            int which = random.nextInt(2);
            long page = pages[which];
            ByteBuffer model = models[which];
            int at = random.nextInt(PAGE - 7);
            long value = random.nextLong();
            switch (random.nextInt(12)) {
                case 0 -> {
                    PageAccess.putByte(page + at, (byte) value);
                    model.put(at, (byte) value);
                }
                case 1 -> {
                    PageAccess.putInt(page + at, (int) value);
                    model.putInt(at, (int) value);
                }
                case 2 -> {
                    PageAccess.putLong(page + at, value);
                    model.putLong(at, value);
                }
                case 3 -> {
                    PageAccess.putLongRelease(page + (at & ~7), value);
                    model.putLong(at & ~7, value);
                }
                case 4 -> {
                    int length = random.nextInt(PAGE - at);
                    PageAccess.fill(page + at, length, (byte) value);
                    Arrays.fill(model.array(), at, at + length, (byte) value);
                }
                case 5 -> {
                    byte[] bytes = new byte[random.nextInt(200) + 10];
                    random.nextBytes(bytes);
                    int length = Math.min(bytes.length - 3, PAGE - at);
                    PageAccess.copy(bytes, 3, page + at, length);
                    model.put(at, bytes, 3, length);
                }
                case 6 -> {
                    int to = random.nextInt(PAGE);
                    int length = random.nextInt(PAGE - Math.max(at, to));
                    PageAccess.copy(page + at, pages[1 - which] + to, length);
                    System.arraycopy(model.array(), at, models[1 - which].array(), to, length);
                }
                case 7 -> {
                    int to = random.nextInt(PAGE);
                    int length = random.nextInt(PAGE - Math.max(at, to));
                    PageAccess.copy(page + at, page + to, length);
                    System.arraycopy(model.array(), at, model.array(), to, length);
                }
                case 8 -> {
                    int length = random.nextInt(Math.min(100, PAGE - at));
                    byte[] bytes = new byte[length + 5];
                    PageAccess.copy(page + at, bytes, 5, length);
                    assertThat(Arrays.copyOfRange(bytes, 5, 5 + length))
                            .isEqualTo(Arrays.copyOfRange(model.array(), at, at + length));
                }
                case 9 -> {
                    int length = random.nextInt(Math.min(40, PAGE - at));
                    byte[] bytes = Arrays.copyOfRange(model.array(), at, at + length + 1);
                    assertThat(PageAccess.equals(page + at, bytes, 0, length)).isTrue();
                    if (length > 0) {
                        bytes[random.nextInt(length)] ^= 1;
                        assertThat(PageAccess.equals(page + at, bytes, 0, length)).isFalse();
                    }
                }
                case 10 -> {
                    assertThat(PageAccess.getByte(page + at)).isEqualTo(model.get(at));
                    assertThat(PageAccess.getInt(page + at)).isEqualTo(model.getInt(at));
                }
                default -> {
                    assertThat(PageAccess.getLong(page + at)).isEqualTo(model.getLong(at));
                    assertThat(PageAccess.getLongAcquire(page + (at & ~7)))
                            .isEqualTo(model.getLong(at & ~7));
                }
            }
        }
        for (int which = 0; which < 2; which++) {
            assertThat(PageAccess.equals(pages[which], models[which].array(), 0, PAGE)).isTrue();
        }
    }

    @Test
    void noBytes_atTheVeryEndOfPageMemory_touchNothing() {
        long last = 0;
        for (int i = 0; i < 64; i++) {
            last = Math.max(last, lease.allocatePage());
        }
        long end = last + PAGE;
        byte[] none = {};
        PageAccess.copy(none, 0, end, 0);
        PageAccess.copy(end, none, 0, 0);
        PageAccess.copy(last, end, 0);
        assertThat(PageAccess.equals(end, none, 0, 0)).isTrue();
    }

    @Test
    void anyAccess_outsidePageMemory_failsInTests() {
        long page = lease.allocatePage();
        String reason = "is outside page memory or crosses the end of its page";
        assertThatThrownBy(() -> PageAccess.getByte(0))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> PageAccess.putLong(8, 1)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> PageAccess.getLong(-8)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> PageAccess.getInt(Long.MAX_VALUE))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> PageAccess.getLong(page + PAGE - 7))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "access to 8 bytes at 0x"
                                + Long.toHexString(page + PAGE - 7)
                                + " "
                                + reason
                                + "; look for an offset that was not checked");
        assertThatThrownBy(() -> PageAccess.fill(page, PAGE + 1L, (byte) 0))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> PageAccess.copy(page, new byte[8], 0, -1))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> PageAccess.copy(page, page + 1, PAGE))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void copy_beyondTheArray_throwsAndTouchesNothing() {
        long page = lease.allocatePage();
        assertThatThrownBy(() -> PageAccess.copy(page, new byte[8], 4, 5))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> PageAccess.copy(new byte[8], 4, page, 5))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> PageAccess.equals(page, new byte[8], 4, 5))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(PageAccess.getLong(page)).isZero();
    }

    @Test
    void release_thenAcquire_showsWhatWasWrittenBefore() throws InterruptedException {
        long page = lease.allocatePage();
        int rounds = 20_000;
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    for (int i = 1; i <= rounds; i++) {
                                        PageAccess.putLong(page + 64, i);
                                        PageAccess.putLongRelease(page, i);
                                    }
                                });
        long seen = 0;
        while (seen < rounds) {
            seen = PageAccess.getLongAcquire(page);
            assertThat(PageAccess.getLong(page + 64)).isGreaterThanOrEqualTo(seen);
            Thread.onSpinWait();
        }
        writer.join();
    }

    private static ByteBuffer order(ByteBuffer buffer) {
        return buffer.order(ByteOrder.nativeOrder());
    }
}
