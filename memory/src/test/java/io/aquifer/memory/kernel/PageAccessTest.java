package io.aquifer.memory.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigInteger;
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

    /// Goal: no arithmetic on addresses or lengths goes round and lets an access through. Method:
    /// addresses and lengths from the edges of pages and of `long`, each access against the same
    /// question answered with numbers that do not overflow.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 42, 20_260_101})
    void anyAccess_atAnyAddressAndLength_isInsideAPageOrFails(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] pages = new long[64];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = lease.allocatePage();
        }
        long[] edges = {0, 8, PAGE, 1L << 16, 1L << 48, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE};
        long[] sizes = {0, 1, 7, 8, 9, PAGE, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE};
        byte[] array = new byte[PAGE];
        for (int step = 0; step < 2_000; step++) {
            boolean known = random.nextInt(3) > 0;
            long page = pages[random.nextInt(pages.length)];
            long edge = edges[random.nextInt(edges.length)];
            long address =
                    known
                            ? page
                                    + (random.nextBoolean()
                                            ? random.nextInt(PAGE)
                                            : PAGE - 1 - random.nextInt(9))
                            : edge
                                    + (random.nextBoolean()
                                            ? -random.nextInt(20)
                                            : random.nextInt(20));
            long length = sizes[random.nextInt(sizes.length)] + random.nextInt(-9, 10);
            boolean inside = known && fits(address - page, length);
            boolean longInside = known && fits(address - page, 8);
            assertThat(passes(() -> PageAccess.getByte(address))).isEqualTo(known);
            assertThat(passes(() -> PageAccess.getInt(address)))
                    .isEqualTo(known && fits(address - page, 4));
            assertThat(passes(() -> PageAccess.putLong(address, seed))).isEqualTo(longInside);
            assertThat(passes(() -> PageAccess.getLong(address))).isEqualTo(longInside);
            if (address % 8 == 0) {
                assertThat(passes(() -> PageAccess.getLongAcquire(address))).isEqualTo(longInside);
                assertThat(passes(() -> PageAccess.putLongRelease(address, 1)))
                        .isEqualTo(longInside);
            }
            assertThat(passes(() -> PageAccess.fill(address, length, (byte) 1)))
                    .as("fill of %d at 0x%x", length, address)
                    .isEqualTo(inside || length == 0);
            assertThat(passes(() -> PageAccess.copy(address, page, length)))
                    .as("copy of %d at 0x%x", length, address)
                    .isEqualTo(inside || length == 0);
            assertThat(passes(() -> PageAccess.copy(page, address, length)))
                    .isEqualTo(inside || length == 0);
            int count = (int) Math.max(-PAGE, Math.min(PAGE, length));
            boolean countInside = count == 0 || known && fits(address - page, count);
            assertThat(passes(() -> PageAccess.copy(address, array, 0, count)))
                    .isEqualTo(countInside);
            assertThat(passes(() -> PageAccess.copy(array, 0, address, count)))
                    .isEqualTo(countInside);
            assertThat(passes(() -> PageAccess.equals(address, array, 0, count)))
                    .isEqualTo(countInside);
        }
    }

    private static boolean fits(long offset, long length) {
        BigInteger end = BigInteger.valueOf(offset).add(BigInteger.valueOf(length));
        return length >= 0 && end.compareTo(BigInteger.valueOf(PAGE)) <= 0;
    }

    /// Whether an access is let through; it fails by an assertion and by nothing else.
    private static boolean passes(Runnable access) {
        try {
            access.run();
            return true;
        } catch (AssertionError refused) {
            assertThat(refused).hasMessageContaining("is outside page memory or crosses the end");
            return false;
        }
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
