package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// The kernel refuses: nothing is lost, nothing is let twice, and what stayed is told.
@EnabledIfSystemProperty(named = "aquifer.test.page-mode", matches = "mapped")
class SystemFailureTest {
    private static final int PAGE = PageSpace.PAGE_BYTES;
    private static final String DONTNEED = "advise " + MemoryCalls.MADV_DONTNEED;
    private static final String HUGE = "advise " + MemoryCalls.MADV_HUGEPAGE;
    private static final String NOHUGE = "advise " + MemoryCalls.MADV_NOHUGEPAGE;
    private static final KernelFacts KERNEL = new KernelFacts(4096, "madvise", 511, 0, 65_530, -1);

    private final FailingCalls calls = new FailingCalls();

    @Test
    void reserve_16GiB_isOneMappingAndOneAdvice() throws AddressSpaceException {
        PageSpace space =
                MappedSpace.reserve((int) ((16L << 30) / PAGE), calls, KERNEL, HugePages.EXTENTS);

        assertThat(calls.made).containsExactly("reserve", NOHUGE);
        space.close(false);
    }

    @Test
    void reserve_refused_namesErrorBytesAndWhatToChange() {
        calls.failNext("reserve", Errno.ENOMEM, 2);
        assertThatThrownBy(() -> reserve(1 << 20, KERNEL))
                .isInstanceOf(AddressSpaceException.class)
                .hasMessage(
                        "mmap of 34361835520 bytes failed with ENOMEM (12); the limit on address"
                                + " space (ulimit -v) or on mappings (vm.max_map_count) may be"
                                + " reached");
        assertThatThrownBy(
                        () ->
                                reserve(
                                        1 << 20,
                                        new KernelFacts(4096, "madvise", 511, 2, 65_530, -1)))
                .hasMessage(
                        "mmap of 34361835520 bytes failed with ENOMEM (12); vm.overcommit_memory is"
                            + " 2, so the kernel counts reserved addresses as memory in use: set it"
                            + " to 0 or 1, or raise vm.overcommit_ratio");
        calls.failNext("reserve", Errno.EINVAL, 1);
        assertThatThrownBy(() -> reserve(1 << 20, KERNEL))
                .hasMessageEndingWith("EINVAL (22); the kernel names no further reason");
    }

    @Test
    void reserve_moreThanTheAddressSpace_isRefusedByTheRealKernel() {
        assertThat(LinuxMemory.CALLS.reserve(1L << 60)).isEqualTo(-Errno.ENOMEM);
    }

    @Test
    void tryDecommit_tryAgainLater_isRepeated() throws AddressSpaceException {
        PageSpace space = committed(8);
        calls.failNext(DONTNEED, Errno.EAGAIN, 5);

        assertThat(space.tryDecommit(pages(0, 8), 0, 8)).isEmpty();

        assertThat(calls.count(DONTNEED)).isEqualTo(6);
        assertThat(space.residentBytes()).isZero();
        space.close(true);
    }

    @Test
    void tryDecommit_tryAgainForEver_endsAndKeepsThePages() throws AddressSpaceException {
        PageSpace space = committed(8);
        calls.failNext(DONTNEED, Errno.EAGAIN, Integer.MAX_VALUE);

        assertThat(space.tryDecommit(new int[] {0, 1, 5}, 0, 3)).containsExactly(0, 1, 5);

        assertThat(calls.count(DONTNEED)).as("16 for each of two runs").isEqualTo(32);
        assertThat(space.residentBytes()).isEqualTo(8L * PAGE);
        calls.failNoMore();
        assertThat(space.tryDecommit(new int[] {0, 1, 5}, 0, 3)).isEmpty();
        assertThat(space.residentBytes()).isEqualTo(5L * PAGE);
        space.close(true);
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOMEM, Errno.EINVAL})
    void tryDecommit_oneRunRefused_keepsThatRunAlone(int errno) throws AddressSpaceException {
        PageSpace space = committed(8);
        calls.failNext(DONTNEED, errno, 1);

        assertThat(space.tryDecommit(new int[] {9, 1, 2, 6, 9}, 1, 4)).containsExactly(1, 2);

        assertThat(space.residentBytes()).isEqualTo(7L * PAGE);
        assertThat(PageAccess.getLong(space.address(1))).as("as it was").isEqualTo(2);
        assertThat(PageAccess.getLong(space.address(6))).as("given back").isZero();
        space.close(true);
    }

    @Test
    void decommit_refused_isMadeGoodByALaterOne() throws AddressSpaceException {
        PageSpace space = committed(8);
        calls.failNext(DONTNEED, Errno.ENOMEM, 1);
        space.decommit(pages(0, 4), 0, 4);
        assertThat(space.residentBytes()).isEqualTo(8L * PAGE);

        space.commit(2);
        assertThat(PageAccess.getLong(space.address(2))).as("zeros all the same").isZero();
        assertThat(space.residentBytes()).isEqualTo(8L * PAGE);
        space.decommit(pages(7, 8), 0, 1);

        assertThat(space.residentBytes()).as("2, 4, 5, 6").isEqualTo(4L * PAGE);
        assertThat(space.retryFrees()).isZero();
        space.close(true);
    }

    @Test
    void close_refused_keepsTheAddressesUntilTheMemoryIsBack() throws AddressSpaceException {
        PageSpace space = committed(3_000);
        long start = space.address(0);
        calls.failNext(DONTNEED, Errno.ENOMEM, 1);
        space.close(true);
        assertThat(space.residentBytes()).isEqualTo(3_000L * PAGE);

        PageSpace next = reserve(3_000, KERNEL);
        assertThat(next.address(0)).isNotEqualTo(start);
        next.close(false);
        calls.failNext(DONTNEED, Errno.ENOMEM, 1);
        assertThat(space.retryFrees()).as("refused again").isEqualTo(3_000L * PAGE);
        assertThat(space.retryFrees()).isZero();
        assertThat(space.retryFrees()).as("over").isZero();

        PageSpace third = reserve(3_000, KERNEL);
        assertThat(third.address(0)).isEqualTo(start);
        assertThat(PageAccess.getLong(start)).isZero();
        third.close(true);
    }

    @Test
    void preferHuge_refused_answersFalseAndTheExtentIsAnOrdinaryOne() throws AddressSpaceException {
        PageSpace space = reserve(128, KERNEL);
        calls.failNext(HUGE, Errno.EINVAL, 1);
        assertThat(space.preferHuge(64)).isFalse();
        space.commit(64);
        long before = calls.count(NOHUGE);
        assertThat(space.tryDecommit(pages(64, 65), 0, 1)).isEmpty();
        assertThat(calls.count(NOHUGE)).as("nothing to take back").isEqualTo(before);
        space.close(true);
    }

    @Test
    void decommit_hugePagesCannotBeTakenBack_keepsThePagesAndTriesAgain()
            throws AddressSpaceException {
        PageSpace space = reserve(128, KERNEL);
        assertThat(space.preferHuge(0)).isTrue();
        for (int page : pages(0, 64)) {
            space.commit(page);
        }
        calls.failNext(NOHUGE, Errno.ENOMEM, 1);
        assertThat(space.tryDecommit(pages(3, 5), 0, 2)).containsExactly(3, 4);
        assertThat(calls.count(DONTNEED)).isZero();

        assertThat(space.tryDecommit(pages(3, 5), 0, 2)).isEmpty();
        assertThat(calls.made.subList(calls.made.size() - 2, calls.made.size()))
                .containsExactly(NOHUGE, DONTNEED);
        assertThat(space.residentBytes()).isEqualTo(62L * PAGE);
        space.close(true);
    }

    @Test
    void guard_refused_answersFalseAndThePageIsAsItWas() throws AddressSpaceException {
        PageSpace space = committed(4);
        calls.failNext("mapNothing", Errno.ENOMEM, 1);
        assertThat(space.guard(2)).isFalse();
        assertThat(PageAccess.getLong(space.address(2))).isEqualTo(3);
        assertThat(space.residentBytes()).isEqualTo(4L * PAGE);

        assertThat(space.guard(2)).isTrue();
        assertThat(space.residentBytes()).isEqualTo(3L * PAGE);
        calls.failNext("mapZeros", Errno.ENOMEM, 1);
        assertThatThrownBy(() -> space.commit(2))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage(
                        "mmap of 32768 bytes in place of a guarded page failed with ENOMEM (12);"
                                + " raise vm.max_map_count or run without aquifer.memory.guard");
        assertThat(space.residentBytes()).as("nothing changed").isEqualTo(3L * PAGE);
        space.commit(2);
        assertThat(PageAccess.getLong(space.address(2))).isZero();
        assertThat(space.residentBytes()).isEqualTo(4L * PAGE);

        assertThat(space.guard(1)).isTrue();
        calls.failNext("mapZeros", Errno.ENOMEM, 1);
        space.close(true);
        PageSpace next = reserve(4, KERNEL);
        assertThat(next.address(0)).as("not let with a guard in it").isNotEqualTo(space.address(0));
        space.retryFrees();
        PageSpace third = reserve(4, KERNEL);
        third.commit(1);
        assertThat(PageAccess.getLong(third.address(1))).isZero();
        next.close(true);
        third.close(true);
    }

    /// Every operation in any order while any call may fail, against a model of who is committed.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 42, 20_260_101})
    void anyOperation_anyFailure_losesNoPage(long seed) throws AddressSpaceException {
        SplittableRandom random = new SplittableRandom(seed);
        int count = 200;
        PageSpace space = reserve(count, KERNEL);
        BitSet committed = new BitSet();
        BitSet guarded = new BitSet();
        BitSet leftover = new BitSet();
        long[] contents = new long[count];
        for (int step = 0; step < 4_000; step++) {
            calls.failNoMore();
            String[] kinds = {DONTNEED, HUGE, NOHUGE, "mapZeros", "mapNothing"};
            int[] errors = {Errno.EAGAIN, Errno.ENOMEM, Errno.EINVAL};
            if (random.nextInt(3) == 0) {
                calls.failNext(
                        kinds[random.nextInt(kinds.length)],
                        errors[random.nextInt(3)],
                        random.nextInt(1, 20));
            }
            int page = random.nextInt(count);
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (committed.get(page)) {
                        contents[page] = random.nextLong();
                        PageAccess.putLong(space.address(page), contents[page]);
                    } else if (commits(space, page)) {
                        assertThat(PageAccess.getLong(space.address(page)))
                                .as("page %d, fresh", page)
                                .isZero();
                        contents[page] = 0;
                        committed.set(page);
                        guarded.clear(page);
                        leftover.clear(page);
                    } else {
                        assertThat(guarded.get(page)).isTrue();
                    }
                }
                case 2 -> {
                    int[] gone = some(random, committed);
                    int[] stayed = space.tryDecommit(gone, 0, gone.length);
                    assertThat(stayed).isSorted();
                    assertThat(Arrays.stream(gone).boxed().toList())
                            .containsAll(Arrays.stream(stayed).boxed().toList());
                    for (int p : gone) {
                        committed.clear(p);
                    }
                    for (int p : stayed) {
                        committed.set(p);
                        contents[p] = PageAccess.getLong(space.address(p));
                    }
                }
                case 3 -> {
                    int[] gone = some(random, committed);
                    space.decommit(gone, 0, gone.length);
                    for (int p : gone) {
                        committed.clear(p);
                        leftover.set(p);
                    }
                    if (random.nextBoolean()) {
                        calls.failNoMore();
                        assertThat(space.retryFrees()).isZero();
                        leftover.clear();
                    }
                }
                case 4 -> {
                    if (committed.get(page) && space.guard(page)) {
                        committed.clear(page);
                        guarded.set(page);
                    }
                }
                default -> {
                    int first = random.nextInt(3) * PageSpace.HUGE_EXTENT_PAGES;
                    int next = committed.nextSetBit(first);
                    if (next < 0 || next >= first + PageSpace.HUGE_EXTENT_PAGES) {
                        space.preferHuge(first);
                    }
                }
            }
            assertThat(space.residentBytes())
                    .as("step %d: what is committed, and at most what may have been kept", step)
                    .isBetween(
                            (long) committed.cardinality() * PAGE,
                            (long) (committed.cardinality() + leftover.cardinality()) * PAGE);
            committed.stream()
                    .forEach(
                            p ->
                                    assertThat(PageAccess.getLong(space.address(p)))
                                            .as("page %d", p)
                                            .isEqualTo(contents[p]));
        }
        calls.failNoMore();
        assertThat(space.retryFrees()).isZero();
        assertThat(space.residentBytes()).isEqualTo((long) committed.cardinality() * PAGE);
        space.close(true);
        assertThat(space.residentBytes()).isZero();
    }

    private static boolean commits(PageSpace space, int page) {
        try {
            space.commit(page);
            return true;
        } catch (OutOfMemoryError refused) {
            return false;
        }
    }

    private static int[] some(SplittableRandom random, BitSet committed) {
        int from = random.nextInt(200);
        int every = random.nextInt(1, 4);
        return committed.stream().filter(p -> p >= from && p % every == 0).limit(80).toArray();
    }

    private PageSpace committed(int count) throws AddressSpaceException {
        PageSpace space = reserve(count, KERNEL);
        for (int page = 0; page < count; page++) {
            space.commit(page);
            PageAccess.putLong(space.address(page), page + 1L);
        }
        return space;
    }

    private PageSpace reserve(int count, KernelFacts kernel) throws AddressSpaceException {
        return MappedSpace.reserve(count, calls, kernel, HugePages.EXTENTS);
    }

    private static int[] pages(int from, int to) {
        return IntStream.range(from, to).toArray();
    }
}
