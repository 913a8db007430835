package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Random calls on a [TimeTree] against a [TreeMap], with every node looked at; and how full nodes
/// are. Replay with `-Daquifer.test.seed=<seed>`.
class TimeTreeTest {
    private static final class Tree implements AutoCloseable {
        final TestPages pages = new TestPages(20_000);
        final SlabPages blocks = new SlabPages(pages);
        final TimeTree tree = new TimeTree(blocks);

        void add(long time, long ref) {
            assertThat(tree.find(time)).isZero();
            tree.reserve();
            tree.insert(time, ref);
        }

        /// How many of 100 places in nodes are taken.
        long fill(int times) {
            return 100L
                    * times
                    * TimeNode.BYTES
                    / TimeNode.CAPACITY
                    / ((long) blocks.pageCount() * PageSource.PAGE_BYTES);
        }

        @Override
        public void close() {
            blocks.clear();
            pages.close();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomCalls_answerAsATreeMap(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<Long, Long> model = new TreeMap<>();
        try (Tree of = new Tree()) {
            TimeTree tree = of.tree;
            for (int round = 0; round < 60; round++) {
                int removals = random.nextInt(100);
                long range = 1L << random.nextInt(1, 63);
                int direction = random.nextInt(4);
                for (int step = 0; step < 2_000; step++) {
                    long time =
                            direction == 0 && !model.isEmpty()
                                    ? model.lastKey() + random.nextInt(3)
                                    : direction == 1 && !model.isEmpty()
                                            ? model.firstKey() - random.nextInt(3)
                                            : random.nextLong(-range, range);
                    Long known = model.get(time);
                    assertThat(tree.find(time)).isEqualTo(known == null ? 0 : known);
                    if (random.nextInt(100) < removals) {
                        if (random.nextInt(3) > 0 && !model.isEmpty()) {
                            time = random.nextBoolean() ? model.firstKey() : model.lastKey();
                        }
                        if (model.remove(time) != null) {
                            tree.remove(time);
                        }
                    } else if (known == null) {
                        long ref = random.nextLong(1, SlabPages.REF_MASK);
                        of.add(time, ref);
                        model.put(time, ref);
                    } else {
                        tree.set(time, known + 1);
                        model.put(time, known + 1);
                    }
                    assertThat(tree.isEmpty()).isEqualTo(model.isEmpty());
                    if (!model.isEmpty()) {
                        assertThat(tree.firstTime()).isEqualTo(model.firstKey());
                        assertThat(tree.firstRef()).isEqualTo(model.firstEntry().getValue());
                    }
                }
                assertSame(tree, model);
            }
            while (!model.isEmpty()) {
                tree.remove(model.firstKey());
                model.pollFirstEntry();
            }
            assertSame(tree, model);
            assertThat(of.blocks.pageCount()).isEqualTo(1);
        }
    }

    private static void assertSame(TimeTree tree, TreeMap<Long, Long> model) {
        assertThat(TimerCheck.verify(tree).equals(new ArrayList<>(model.keySet()))).isTrue();
        List<Long> refs = new ArrayList<>();
        tree.forEach(refs::add);
        assertThat(refs.equals(new ArrayList<>(model.values()))).isTrue();
    }

    @Test
    void nodes_areFull_whenTimesRise_andHalfFullAtLeastWhenTheyFall() {
        int times = 300_000;
        try (Tree rising = new Tree();
                Tree falling = new Tree();
                Tree mixed = new Tree()) {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < times; i++) {
                rising.add(10L * i, 1);
                falling.add(-10L * i, 1);
                mixed.add(random.nextLong(), 1);
            }
            assertThat(rising.fill(times)).isGreaterThan(95);
            assertThat(falling.fill(times)).isBetween(45L, 60L);
            assertThat(mixed.fill(times)).isBetween(60L, 75L);
            TimerCheck.verify(rising.tree);
            TimerCheck.verify(falling.tree);
            TimerCheck.verify(mixed.tree);
        }
    }

    @Test
    void times_thatFallBehindTheLast_doNotGetALeafEach() {
        try (Tree of = new Tree()) {
            for (int round = 0; round < 100; round++) {
                for (int i = 0; i < 1_000; i++) {
                    of.add(round * 10_000L - i, 1);
                }
            }
            assertThat(of.fill(100_000)).isGreaterThan(40);
            TimerCheck.verify(of.tree);
        }
    }

    @Test
    void deletes_inAnyOrder_leaveNodesAQuarterFullOrMore() {
        SplittableRandom random = new SplittableRandom(1);
        try (Tree of = new Tree()) {
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 300_000; i++) {
                long time = random.nextLong();
                times.add(time);
                of.add(time, 1);
            }
            for (int i = 0; i < 295_000; i++) {
                of.tree.remove(times.get(i));
            }
            assertThat(TimerCheck.verify(of.tree)).hasSize(5_000);
            assertThat(TimerCheck.nodeCount(of.tree)).isLessThan(5_000 / 16 * 2);
        }
    }
}
