package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putInt;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

/// The layout of one node of a [TimeTree]: times in order, and a reference for each.
///
/// ```
///  0         8        16                 520                  1024
/// +---------+--------+---------+ ... ---+---------+ ... -----+
/// | count   | 0      | time 0  | time 62| ref 0   |   ref 62 |
/// +---------+--------+---------+ ... ---+---------+ ... -----+
/// ```
///
/// A node is sixteen cache lines, eight and a bit with times. A search reads the first time of each
/// line, which the processor fetches all at once, and then goes through one line.
final class TimeNode {
    static final int BYTES = 1024;
    static final int CAPACITY = 63;

    private static final int TIMES = 16;
    private static final int REFS = TIMES + CAPACITY * 8;

    /// The first time that begins a cache line.
    private static final int FIRST_OF_LINE = (64 - TIMES) / 8;

    private TimeNode() {}

    static void format(long node) {
        putLong(node, 0);
    }

    static int count(long node) {
        return getInt(node);
    }

    private static void setCount(long node, int count) {
        putInt(node, count);
    }

    static long time(long node, int position) {
        return getLong(node + TIMES + ((long) position << 3));
    }

    static void setTime(long node, int position, long time) {
        putLong(node + TIMES + ((long) position << 3), time);
    }

    static long ref(long node, int position) {
        return getLong(node + REFS + ((long) position << 3));
    }

    static void setRef(long node, int position, long ref) {
        putLong(node + REFS + ((long) position << 3), ref);
    }

    /// The last position whose time is not after `time`, or -1.
    static int floor(long node, long time) {
        int count = count(node);
        int end = FIRST_OF_LINE;
        while (end < count && time(node, end) <= time) {
            end += 8;
        }
        int position = Math.min(end, count) - 1;
        while (position >= 0 && time(node, position) > time) {
            position--;
        }
        return position;
    }

    /// Puts an entry between others of a node that has room.
    static void insert(long node, int position, long time, long ref) {
        int count = count(node);
        move(node, position, node, position + 1, count - position);
        setTime(node, position, time);
        setRef(node, position, ref);
        setCount(node, count + 1);
    }

    static void remove(long node, int position) {
        int count = count(node) - 1;
        move(node, position + 1, node, position, count - position);
        setCount(node, count);
    }

    /// Moves the entries from a position on behind those of another node.
    static void moveTail(long node, int from, long target) {
        int moved = count(node) - from;
        move(node, from, target, count(target), moved);
        setCount(target, count(target) + moved);
        setCount(node, from);
    }

    private static void move(long node, int from, long target, int to, int entries) {
        long bytes = (long) entries << 3;
        long source = node + ((long) from << 3);
        long destination = target + ((long) to << 3);
        PageAccess.copy(source + TIMES, destination + TIMES, bytes);
        PageAccess.copy(source + REFS, destination + REFS, bytes);
    }
}
