package io.aquifer.state.run;

import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putInt;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

/// Where the blocks of a run lie and what each begins with, in pages.
///
/// ```
/// row, 32 bytes
///  0 routing of the first entry u64       20 entries u32
///  8 offset u48, last key group u16       24 CRC u32
/// 16 bytes u32                            28 tail u32: 0, or where it lies in eighths, plus 1
///
/// tail: kind u8, with bit 7 if it is cut | key bytes u8 | key bytes
/// ```
///
/// A fence is at most the block's first entry and more than the last of the block before. The
/// routing is enough for that, but where the block before ends with the same one: then a tail goes
/// on with the kind and as much of the key as it takes, 255 bytes at most. One that was *cut* there
/// may not be more than the last entry before.
final class Fences {
    private static final int ROW_SHIFT = 5;
    private static final long OFFSET_MASK = 0xFFFF_FFFF_FFFFL;
    private static final int TAIL_MAX = 2 + RunLayout.TAIL_KEY_MAX;

    private final PageSpan rows;
    private final PageSpan tails;
    private long tailEnd;
    private int count;

    Fences(RunPages pages) {
        rows = new PageSpan(pages);
        tails = new PageSpan(pages);
    }

    int count() {
        return count;
    }

    /// Adds a block that needs no tail.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no page; nothing was added
    void add(long routing, long offset, int bytes, int entries, int checksum, int lastKeyGroup) {
        rows.reserve((count + 1L) << ROW_SHIFT);
        long row = row(count++);
        putLong(row, routing);
        putLong(row + 8, offset | (long) lastKeyGroup << 48);
        putInt(row + 16, bytes);
        putInt(row + 20, entries);
        putInt(row + 24, checksum);
        putInt(row + 28, 0);
    }

    /// Gives the last block a tail.
    ///
    /// @param length at most 255
    void addTail(int kind, boolean cut, byte[] key, int offset, int length) {
        // No tail crosses the end of a page.
        int inPage = (int) (tailEnd & (PageSpan.PAGE_BYTES - 1));
        if (inPage > PageSpan.PAGE_BYTES - TAIL_MAX) {
            tailEnd += PageSpan.PAGE_BYTES - inPage;
        }
        tails.reserve(tailEnd + TAIL_MAX);
        long at = tails.address(tailEnd);
        PageAccess.putByte(at, (byte) (kind | (cut ? RunLayout.TAIL_CUT : 0)));
        PageAccess.putByte(at + 1, (byte) length);
        PageAccess.copy(key, offset, at + 2, length);
        putInt(row(count - 1) + 28, (int) (tailEnd >>> 3) + 1);
        tailEnd = (tailEnd + 2 + length + 7) & -8;
    }

    /// The address of a row.
    private long row(int block) {
        return rows.address((long) block << ROW_SHIFT);
    }

    long routing(int block) {
        return getLong(row(block));
    }

    long offset(int block) {
        return getLong(row(block) + 8) & OFFSET_MASK;
    }

    int lastKeyGroup(int block) {
        return (int) (getLong(row(block) + 8) >>> 48);
    }

    /// Header and payload.
    int bytes(int block) {
        return getInt(row(block) + 16);
    }

    int entries(int block) {
        return getInt(row(block) + 20);
    }

    int checksum(int block) {
        return getInt(row(block) + 24);
    }

    /// The address of a block's tail, 0 if it has none.
    private long tail(int block) {
        int tail = getInt(row(block) + 28);
        return tail == 0 ? 0 : tails.address((tail - 1 & 0xFFFF_FFFFL) << 3);
    }

    boolean hasTail(int block) {
        return getInt(row(block) + 28) != 0;
    }

    /// The kind of a block's tail, with [RunLayout#TAIL_CUT] if it is cut.
    int tailKind(int block) {
        return PageAccess.getByte(tail(block)) & 0xFF;
    }

    int tailLength(int block) {
        return PageAccess.getByte(tail(block) + 1) & 0xFF;
    }

    /// Copies the key bytes of a block's tail.
    void readTail(int block, byte[] to, int offset) {
        PageAccess.copy(tail(block) + 2, to, offset, tailLength(block));
    }

    /// Whether a block's fence does not tell it apart from the one before.
    boolean isCut(int block) {
        return hasTail(block) && (tailKind(block) & RunLayout.TAIL_CUT) != 0;
    }

    /// The only block in which a key can be if no fence was cut; else that or the last of those
    /// that have the same cut fence. -1 if it lies before all.
    int find(long routing, int kind, byte[] key, int offset, int length) {
        int block = lastAtMost(routing);
        if (block <= 0 || !hasTail(block) || routing(block) != routing) {
            return block;
        }
        int low = routing == 0 ? -1 : lastAtMost(routing - 1);
        int high = block;
        // The fence of `low` is at most the key, those above `high` are more.
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (tailIsAtMost(middle, kind, key, offset, length)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// The first of the blocks that have the same fence as a cut one.
    int firstWithFenceOf(int block) {
        int first = block;
        byte[] key = new byte[RunLayout.TAIL_KEY_MAX];
        readTail(block, key, 0);
        int length = tailLength(block);
        while (first > 0
                && isCut(first - 1)
                && routing(first - 1) == routing(block)
                && tailKind(first - 1) == tailKind(block)
                && tailLength(first - 1) == length
                && PageAccess.equals(tail(first - 1) + 2, key, 0, length)) {
            first--;
        }
        return first;
    }

    private boolean tailIsAtMost(int block, int kind, byte[] key, int offset, int length) {
        long tail = tail(block);
        if (tail == 0) {
            return true;
        }
        int tailKind = PageAccess.getByte(tail) & RunLayout.KIND_MAX;
        if (tailKind != kind) {
            return tailKind < kind;
        }
        int tailLength = PageAccess.getByte(tail + 1) & 0xFF;
        int common = Math.min(tailLength, length);
        for (int i = 0; i < common; i++) {
            int difference = (PageAccess.getByte(tail + 2 + i) & 0xFF) - (key[offset + i] & 0xFF);
            if (difference != 0) {
                return difference < 0;
            }
        }
        return tailLength <= length;
    }

    /// The last block whose first routing is at most `routing`, or -1.
    ///
    /// Routings are hashes: where one lies among its neighbours says about where it is. Each guess
    /// is followed by a halving, so that it takes few steps for any others, too.
    int lastAtMost(long routing) {
        int low = 0;
        int high = count - 1;
        if (high < 0 || Long.compareUnsigned(routing, routing(0)) < 0) {
            return -1;
        }
        if (Long.compareUnsigned(routing(high), routing) <= 0) {
            return high;
        }
        boolean guess = true;
        while (high - low > 1) {
            int middle = guess ? guess(low, high, routing) : low + high >>> 1;
            if (Long.compareUnsigned(routing(middle), routing) <= 0) {
                low = middle;
            } else {
                high = middle;
            }
            guess = !guess;
        }
        return low;
    }

    /// A block between two, neither of them.
    private int guess(int low, int high, long routing) {
        long first = routing(low);
        double part = half(routing - first) / half(routing(high) - first);
        int guess = low + (int) (part * (high - low));
        return Math.clamp(guess, low + 1, high - 1);
    }

    /// Half of an unsigned number, about.
    private static double half(long unsigned) {
        return (unsigned >>> 1) + 0.5;
    }

    long heldBytes() {
        return rows.heldBytes() + tails.heldBytes();
    }

    void release() {
        rows.release();
        tails.release();
    }
}
