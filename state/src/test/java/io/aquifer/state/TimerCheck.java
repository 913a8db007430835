package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Asserts the invariants that [TimeTree], [TimeNode], [TimerIndex] and [TimerIndexPage] state.
final class TimerCheck {
    private TimerCheck() {}

    static void verify(TimerTable table) {
        long[] timers = new long[1];
        table.forEach((time, key) -> timers[0]++);
        assertThat(timers[0]).as("timers in the rings").isEqualTo(table.size());
        verify(table.index, table.size());
        verify(table.tree);
    }

    /// The times of a tree in order, after a look at every node.
    static List<Long> verify(TimeTree tree) {
        List<Long> times = new ArrayList<>();
        if (!tree.isEmpty()) {
            verifyNode(tree, tree.rootNode(), tree.height(), null, null, times);
            assertThat(tree.firstTime()).as("first time").isEqualTo(times.getFirst());
            for (int i = 1; i < times.size(); i++) {
                if (times.get(i - 1) >= times.get(i)) {
                    throw new AssertionError("times out of order at " + i);
                }
            }
        }
        return times;
    }

    private static void verifyNode(
            TimeTree tree,
            long ref,
            int levels,
            @Nullable Long from,
            @Nullable Long below,
            List<Long> times) {
        long node = tree.address(ref);
        int count = TimeNode.count(node);
        assertThat(count).as("entries of a node").isBetween(1, TimeNode.CAPACITY);
        for (int i = 0; i < count; i++) {
            long time = TimeNode.time(node, i);
            if (levels == 1) {
                if (from != null && time < from || below != null && time >= below) {
                    throw new AssertionError("time " + time + " is in the wrong leaf");
                }
                times.add(time);
            } else {
                Long lower = i == 0 ? from : Long.valueOf(time);
                Long upper = i + 1 < count ? Long.valueOf(TimeNode.time(node, i + 1)) : below;
                verifyNode(tree, TimeNode.ref(node, i), levels - 1, lower, upper, times);
            }
        }
    }

    static int nodeCount(TimeTree tree) {
        return tree.isEmpty() ? 0 : nodeCount(tree, tree.rootNode(), tree.height());
    }

    private static int nodeCount(TimeTree tree, long ref, int levels) {
        int nodes = 1;
        if (levels > 1) {
            long node = tree.address(ref);
            for (int i = 0; i < TimeNode.count(node); i++) {
                nodes += nodeCount(tree, TimeNode.ref(node, i), levels - 1);
            }
        }
        return nodes;
    }

    static void verify(TimerIndex index, long size) {
        long slots = 0;
        int pages = 0;
        long[] directory = index.directory();
        int depth = Integer.numberOfTrailingZeros(directory.length);
        for (int position = 0; position < directory.length && directory[position] != 0; ) {
            long entry = directory[position];
            long page = entry & Long.MAX_VALUE;
            int pageDepth = TimerIndexPage.depth(page);
            int after = position + (directory.length >> pageDepth);
            for (int i = position; i < after; i++) {
                assertThat(directory[i]).as("directory entry %d", i).isEqualTo(entry);
            }
            assertThat(TimerIndexPage.nextPage(page) != 0)
                    .as("chain flag of entry %d", position)
                    .isEqualTo(entry < 0);
            long prefix = (long) position << (Long.SIZE - depth);
            for (; page != 0; page = TimerIndexPage.nextPage(page)) {
                pages++;
                slots += verifyPage(page, pageDepth, prefix);
            }
            position = after;
        }
        assertThat(slots).as("slots in pages").isEqualTo(size);
        assertThat(pages).as("index pages").isEqualTo(index.pageCount());
    }

    private static int verifyPage(long page, int depth, long prefix) {
        int count = 0;
        for (int at = 0; at < TimerIndexPage.SLOTS; at++) {
            long slot = TimerIndexPage.slot(page, at);
            if (slot == 0) {
                continue;
            }
            count++;
            if (depth != 0 && (slot ^ prefix) >>> (Long.SIZE - depth) != 0) {
                throw new AssertionError("slot " + at + " is in the wrong page");
            }
            for (int i = TimerIndexPage.home(slot); i != at; i = TimerIndexPage.after(i)) {
                if (TimerIndexPage.slot(page, i) == 0) {
                    throw new AssertionError("slot " + at + " is behind an empty one, " + i);
                }
            }
        }
        assertThat(count).as("count of a page").isEqualTo(TimerIndexPage.count(page));
        assertThat(TimerIndexPage.depth(page)).as("depth of a page").isEqualTo(depth);
        return count;
    }
}
