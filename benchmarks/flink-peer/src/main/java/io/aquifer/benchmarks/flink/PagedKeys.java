package io.aquifer.benchmarks.flink;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// Keeps each key it sees in pages of its slot's `MemoryManager`, 27 bytes a key as Aquifer's store
/// does, and takes a page when the last one is full.
///
/// It stands for any state backend in managed memory: whatever one does with its pages, it cannot
/// have more of them. Every key comes once, so none is looked up. What subtasks hold is visible to
/// the whole process.
final class PagedKeys extends AbstractStreamOperator<Long>
        implements OneInputStreamOperator<Long, Long> {
    private static final long serialVersionUID = 1L;
    private static final int BYTES_PER_KEY = 27;
    private static final int MOST_SUBTASKS = 64;
    private static final AtomicLongArray HELD = new AtomicLongArray(MOST_SUBTASKS);
    private static final AtomicLongArray MOST = new AtomicLongArray(MOST_SUBTASKS);
    private static final AtomicLong SLOT = new AtomicLong();

    @SuppressWarnings("NullAway.Init") // set by open, which Flink calls first
    private transient MemoryManager manager;

    @SuppressWarnings("NullAway.Init") // set by open, which Flink calls first
    private transient List<MemorySegment> pages;

    private transient int subtask;
    private transient int offset;

    /// What the subtask holds now.
    static long heldBytes(int subtask) {
        return HELD.get(subtask);
    }

    /// The most it ever held.
    static long mostBytes(int subtask) {
        return MOST.get(subtask);
    }

    /// The managed memory of one slot, as its manager says.
    static long slotBytes() {
        return SLOT.get();
    }

    @Override
    public void open() throws Exception {
        super.open();
        manager = getContainingTask().getEnvironment().getMemoryManager();
        pages = new ArrayList<>();
        subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        offset = manager.getPageSize();
        SLOT.set(manager.getMemorySize());
    }

    @Override
    public void processElement(StreamRecord<Long> record) throws Exception {
        if (offset + BYTES_PER_KEY > manager.getPageSize()) {
            manager.allocatePages(this, pages, 1);
            offset = 0;
            long held = (long) pages.size() * manager.getPageSize();
            HELD.set(subtask, held);
            MOST.set(subtask, held);
        }
        MemorySegment page = pages.getLast();
        page.putLong(offset, record.getValue());
        page.putLong(offset + 8, 1);
        offset += BYTES_PER_KEY;
        output.collect(record);
    }

    @Override
    public void close() throws Exception {
        if (pages != null) {
            manager.release(pages);
            HELD.set(subtask, 0);
        }
        super.close();
    }
}
