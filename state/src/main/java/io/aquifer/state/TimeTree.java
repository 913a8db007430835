package io.aquifer.state;

import java.util.Arrays;
import java.util.function.LongConsumer;

/// A B+-tree from times to references, with [TimeNode]s as nodes.
///
/// Times are in order at any moment: the earliest is known without preparation, a time that goes
/// leaves nothing behind, and no call moves more than one node a level. Times that come in order
/// fill their leaves; in other orders a leaf is about two thirds full. A leaf that is a quarter
/// full or less joins a neighbour if both fit into three quarters of a node.
///
/// In an inner node each reference is a child and its time a lower bound of what is in it, above
/// all in the child before; the first child's bound does not count.
///
/// The leaf that was used last is remembered with the way to it, until a node comes or goes: times
/// that are used again and again, and those later than all others, are found at once.
///
/// **Failing.** [#reserve] takes the nodes that the next [#insert] needs, all or none. Nothing else
/// takes memory.
final class TimeTree {
    private static final int FEW = TimeNode.CAPACITY / 4;
    private static final int JOINED_MAX = TimeNode.CAPACITY * 3 / 4;

    private final SlabPages blocks;
    private long root;

    /// Levels, 0 for an empty tree.
    private int height;

    /// The way to the leaf that was used last: node and position by level. The leaf's position is
    /// where the last search ended.
    private long[] path = new long[8];

    private int[] positions = new int[8];
    private boolean pathKnown;

    /// Whether the way leads along the last children.
    private boolean lastLeaf;

    /// The leaf with the earliest time, 0 when it is not known.
    private long firstLeaf;

    private long[] reserved = new long[8];
    private int reservedCount;

    TimeTree(SlabPages blocks) {
        this.blocks = blocks;
    }

    boolean isEmpty() {
        return height == 0;
    }

    long heapBytes() {
        return 20L * path.length + 8L * reserved.length + 96;
    }

    /// The earliest time of a tree that is not empty.
    long firstTime() {
        return TimeNode.time(blocks.address(firstLeaf()), 0);
    }

    /// What belongs to [#firstTime].
    long firstRef() {
        return TimeNode.ref(blocks.address(firstLeaf()), 0);
    }

    /// What belongs to the time after [#firstTime] if it is in the same leaf, or 0.
    long secondRef() {
        long leaf = blocks.address(firstLeaf());
        return TimeNode.count(leaf) > 1 ? TimeNode.ref(leaf, 1) : 0;
    }

    private long firstLeaf() {
        if (firstLeaf == 0) {
            long node = root;
            for (int level = 1; level < height; level++) {
                node = TimeNode.ref(blocks.address(node), 0);
            }
            firstLeaf = node;
        }
        return firstLeaf;
    }

    /// What belongs to a time, or 0.
    long find(long time) {
        if (height == 0 || !seek(time)) {
            return 0;
        }
        return TimeNode.ref(leafAddress(), positions[height - 1]);
    }

    /// Goes to the leaf where a time is or would be; whether it is there.
    private boolean seek(long time) {
        if (!pathKnown || !isInLeaf(time)) {
            descend(time);
        }
        long leaf = leafAddress();
        int position = TimeNode.floor(leaf, time);
        positions[height - 1] = position;
        return position >= 0 && TimeNode.time(leaf, position) == time;
    }

    private boolean isInLeaf(long time) {
        long leaf = leafAddress();
        int count = TimeNode.count(leaf);
        return time >= TimeNode.time(leaf, 0)
                && (lastLeaf || time <= TimeNode.time(leaf, count - 1));
    }

    private long leafAddress() {
        return blocks.address(path[height - 1]);
    }

    private void descend(long time) {
        long node = root;
        boolean last = true;
        for (int level = 0; level < height - 1; level++) {
            long address = blocks.address(node);
            int position = Math.max(0, TimeNode.floor(address, time));
            path[level] = node;
            positions[level] = position;
            last &= position == TimeNode.count(address) - 1;
            node = TimeNode.ref(address, position);
        }
        path[height - 1] = node;
        lastLeaf = last;
        pathKnown = true;
    }

    /// Takes the nodes that an [#insert] of the time last searched for needs.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room for all of them;
    ///   nothing was changed
    void reserve() {
        int wanted = nodesToInsert();
        if (wanted > reserved.length) {
            reserved = Arrays.copyOf(reserved, wanted);
        }
        boolean complete = false;
        try {
            while (reservedCount < wanted) {
                reserved[reservedCount] = blocks.allocate(TimeNode.BYTES);
                reservedCount++;
            }
            complete = true;
        } finally {
            if (!complete) {
                giveBack();
            }
        }
    }

    private int nodesToInsert() {
        int full = 0;
        while (full < height
                && TimeNode.count(blocks.address(path[height - 1 - full])) == TimeNode.CAPACITY) {
            full++;
        }
        return full == height ? full + 1 : full;
    }

    /// Gives back what [#reserve] took and no insertion used.
    void giveBack() {
        while (reservedCount > 0) {
            blocks.free(reserved[--reservedCount], TimeNode.BYTES);
        }
    }

    private long takeReserved() {
        long node = reserved[--reservedCount];
        TimeNode.format(blocks.address(node));
        return node;
    }

    /// Adds the time last searched for, which was not there and for which there is a reserve.
    void insert(long time, long ref) {
        if (height == 0) {
            grow(takeReserved());
            firstLeaf = root;
            TimeNode.insert(blocks.address(root), 0, time, ref);
            return;
        }
        long addedTime = time;
        long added = ref;
        for (int level = height - 1; level >= 0; level--) {
            long node = blocks.address(path[level]);
            int position = positions[level] + 1;
            if (TimeNode.count(node) < TimeNode.CAPACITY) {
                TimeNode.insert(node, position, addedTime, added);
                return;
            }
            pathKnown = false;
            long right = takeReserved();
            addedTime = split(node, position, addedTime, added, blocks.address(right));
            added = right;
        }
        long left = root;
        grow(takeReserved());
        TimeNode.insert(blocks.address(root), 0, 0, left);
        TimeNode.insert(blocks.address(root), 1, addedTime, added);
    }

    /// Puts an entry into a full node and moves the upper half to `right`; all of the new entry
    /// alone if it comes last of all, since what follows will then come last too.
    ///
    /// @return the lower bound of `right`
    private long split(long node, int position, long time, long ref, long right) {
        boolean atEnd = lastLeaf && position == TimeNode.CAPACITY;
        int kept = atEnd ? TimeNode.CAPACITY : TimeNode.CAPACITY / 2;
        TimeNode.moveTail(node, kept, right);
        if (position > kept || atEnd) {
            TimeNode.insert(right, position - kept, time, ref);
        } else {
            TimeNode.insert(node, position, time, ref);
        }
        return TimeNode.time(right, 0);
    }

    private void grow(long newRoot) {
        root = newRoot;
        height++;
        pathKnown = false;
        if (height > path.length) {
            path = Arrays.copyOf(path, height * 2);
            positions = Arrays.copyOf(positions, height * 2);
        }
    }

    /// Lets another reference belong to a time that is there.
    void set(long time, long ref) {
        boolean found = seek(time);
        assert found : "no timers at " + time;
        TimeNode.setRef(leafAddress(), positions[height - 1], ref);
    }

    /// Removes a time that is there.
    void remove(long time) {
        boolean found = seek(time);
        assert found : "no timers at " + time;
        long leaf = leafAddress();
        TimeNode.remove(leaf, positions[height - 1]);
        if (TimeNode.count(leaf) <= FEW) {
            shrink();
        }
    }

    /// Lets nodes with few entries, from the leaf up, go or join a neighbour.
    private void shrink() {
        for (int level = height - 1; level > 0; level--) {
            long node = path[level];
            int count = TimeNode.count(blocks.address(node));
            if (count > FEW) {
                break;
            }
            long parent = blocks.address(path[level - 1]);
            int position = positions[level - 1];
            if (count == 0) {
                TimeNode.remove(parent, position);
                free(node);
            } else if (!join(parent, position, level) && !join(parent, position - 1, level)) {
                break;
            }
        }
        while (height > 1 && TimeNode.count(blocks.address(root)) == 1) {
            long only = TimeNode.ref(blocks.address(root), 0);
            free(root);
            root = only;
            height--;
        }
        if (TimeNode.count(blocks.address(root)) == 0) {
            free(root);
            root = 0;
            height = 0;
        }
    }

    /// Joins a child with the one after it, if both are there and need three quarters of a node.
    ///
    /// @param level of the children
    private boolean join(long parent, int position, int level) {
        if (position < 0 || position + 1 >= TimeNode.count(parent)) {
            return false;
        }
        long left = blocks.address(TimeNode.ref(parent, position));
        long rightRef = TimeNode.ref(parent, position + 1);
        long right = blocks.address(rightRef);
        if (TimeNode.count(left) + TimeNode.count(right) > JOINED_MAX) {
            return false;
        }
        if (level < height - 1) {
            TimeNode.setTime(right, 0, TimeNode.time(parent, position + 1));
        }
        TimeNode.moveTail(right, 0, left);
        TimeNode.remove(parent, position + 1);
        free(rightRef);
        return true;
    }

    private void free(long node) {
        blocks.free(node, TimeNode.BYTES);
        pathKnown = false;
        firstLeaf = 0;
    }

    /// Calls `visitor` with what belongs to each time, in order of time. Nothing may change
    /// meanwhile.
    void forEach(LongConsumer visitor) {
        if (height > 0) {
            forEach(root, height, visitor);
        }
    }

    private void forEach(long node, int levels, LongConsumer visitor) {
        long address = blocks.address(node);
        int count = TimeNode.count(address);
        for (int i = 0; i < count; i++) {
            long ref = TimeNode.ref(address, i);
            if (levels == 1) {
                visitor.accept(ref);
            } else {
                forEach(ref, levels - 1, visitor);
            }
        }
    }

    long rootNode() {
        return root;
    }

    int height() {
        return height;
    }

    long address(long node) {
        return blocks.address(node);
    }

    /// Forgets everything; the blocks were given back, or are about to be.
    void clear() {
        root = 0;
        height = 0;
        firstLeaf = 0;
        reservedCount = 0;
        pathKnown = false;
    }
}
