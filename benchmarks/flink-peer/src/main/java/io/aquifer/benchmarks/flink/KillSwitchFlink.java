package io.aquifer.benchmarks.flink;

import io.aquifer.benchmarks.KillSwitch;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.runtime.memory.MemoryAllocationException;
import org.apache.flink.runtime.memory.MemoryManager;

import java.util.ArrayList;
import java.util.List;

/// The kill switch on Flink's managed memory: `allocatePages` and, as at the end of a task,
/// `releaseAll`.
public final class KillSwitchFlink {
    private static final int PAGE_BYTES = 32 * 1024;

    private KillSwitchFlink() {}

    public static void main(String[] arguments) throws InterruptedException {
        MemoryManager manager = MemoryManager.create(128L * PAGE_BYTES, PAGE_BYTES);
        int rounds = Integer.parseInt(arguments[0]);
        KillSwitch.run(
                () -> new Task(manager, new Object()),
                rounds,
                outcome -> System.out.println(outcome.line()));
        manager.shutdown();
    }

    private record Task(MemoryManager manager, Object owner) implements KillSwitch.Owner {
        @Override
        public List<KillSwitch.Page> allocate(int count) {
            List<KillSwitch.Page> pages = new ArrayList<>();
            try {
                for (MemorySegment segment : manager.allocatePages(owner, count)) {
                    pages.add(new Segment(segment));
                }
            } catch (MemoryAllocationException full) {
                throw new IllegalStateException(full);
            }
            return pages;
        }

        @Override
        public void end() {
            manager.releaseAll(owner);
        }
    }

    private record Segment(MemorySegment page) implements KillSwitch.Page {
        @Override
        public void fill(long word) {
            for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
                page.putLong(at, word);
            }
        }

        @Override
        public int differences(long word) {
            int bytes = 0;
            for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
                bytes += page.getLong(at) == word ? 0 : Long.BYTES;
            }
            return bytes;
        }
    }
}
