package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Goal: nothing is allocated for an entry: what one pass over many entries allocates does not
/// depend on how many they are, but for what it does for a block, which has hundreds.
class RunAllocationTest {
    /// A block's read takes about a hundred bytes, and a block has 170 of these entries.
    private static final double MOST = 0.8;

    private static final int FEW = 20_000;
    private static final int MANY = 120_000;

    private final TestRunPages pages = new TestRunPages();
    private final MemoryRunFiles files = new MemoryRunFiles();
    private final byte[] key = new byte[8];

    @AfterEach
    void nothingIsHeld() {
        files.close();
        pages.close();
    }

    private static RunDescription description() {
        return new RunDescription(
                new StateFileHeader("op", 0, 1, 0, 0),
                new StateSection("s", StateSection.Kind.VALUE, 0, "", "long"),
                0);
    }

    private static long routing(int number) {
        return (long) number << 40;
    }

    private RunFile write(int entries) throws IOException {
        RunFile file = files.create();
        writeArrays(file, entries);
        return file;
    }

    private void writeArrays(RunFile file, int entries) throws IOException {
        RunOptions options = RunOptions.withFilter(10, entries);
        try (RunWriter out = RunWriter.open(file, description(), true, options, pages)) {
            for (int i = 0; i < entries; i++) {
                out.put(routing(i), 0, key, 0, 8, key, 0, 8);
            }
            out.finish();
        }
    }

    private interface Pass {
        void over(int entries) throws IOException;
    }

    /// Bytes for each entry that many cost more than few.
    private static double perEntry(Pass pass) throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] bytes = new long[2];
        int[] counts = {FEW, MANY};
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 2; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                pass.over(counts[i]);
                bytes[i] = threads.getCurrentThreadAllocatedBytes() - before;
            }
        }
        return (double) (bytes[1] - bytes[0]) / (MANY - FEW);
    }

    /// A file that takes everything and keeps nothing.
    private final class NoFile implements RunFile {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public long length() {
            return 0;
        }

        @Override
        public int write(ByteBuffer from, long position) {
            int count = from.remaining();
            from.position(from.limit());
            return count;
        }

        @Override
        public int read(ByteBuffer to, long position) {
            return -1;
        }

        @Override
        public void linkOrCopyTo(Path target) {}

        @Override
        public void retain() {}

        @Override
        public void release() {}
    }

    @Test
    void write_entries_allocatesNothingForOne() throws IOException {
        assertThat(perEntry(entries -> writeArrays(new NoFile(), entries))).isLessThan(0.2);
        long page = pages.allocate();
        PageAccess.fill(page, 64, (byte) 1);
        assertThat(
                        perEntry(
                                entries -> {
                                    try (RunWriter out =
                                            RunWriter.open(
                                                    new NoFile(),
                                                    description(),
                                                    true,
                                                    RunOptions.withoutFilter(),
                                                    pages)) {
                                        for (int i = 0; i < entries; i++) {
                                            out.append(routing(i), 1, page, 8, page + 8, 30);
                                        }
                                        out.finish();
                                    }
                                }))
                .isLessThan(0.2);
        pages.release(page);
    }

    @Test
    void findAndScan_entries_allocatesNothingForOne() throws IOException {
        Runs runs = new Runs();
        runs.addNewest(open(MANY));
        runs.addNewest(open(MANY));
        ByteSlot slot = new ByteSlot();
        assertThat(
                        perEntry(
                                entries -> {
                                    int seen = 0;
                                    for (int i = 0; i < entries; i++) {
                                        seen +=
                                                runs.find(routing(i), 0, key, 0, 8, slot)
                                                                == Found.VALUE
                                                        ? 1
                                                        : 0;
                                    }
                                    assertThat(seen).isEqualTo(entries);
                                }))
                .isLessThan(MOST);
        assertThat(
                        perEntry(
                                entries -> {
                                    int seen = 0;
                                    try (RunScan scan = runs.scan(0, routing(entries) - 1, true)) {
                                        while (scan.next()) {
                                            scan.readValue(slot);
                                            seen++;
                                        }
                                    }
                                    assertThat(seen).isEqualTo(entries);
                                }))
                .isLessThan(MOST);
        runs.close();
    }

    @Test
    void merge_entries_allocatesNothingForOne() throws IOException {
        Map<Integer, List<Run>> runs = new HashMap<>();
        for (int entries : new int[] {FEW, MANY}) {
            runs.put(entries, List.of(open(entries), open(entries)));
        }
        assertThat(perEntry(entries -> merge(runs.get(entries)))).isLessThan(MOST);
        runs.values().forEach(pair -> pair.forEach(Run::release));
    }

    private Run open(int entries) throws IOException {
        return Run.open(write(entries), description(), pages);
    }

    private void merge(List<Run> inputs) throws IOException {
        RunOptions options = RunOptions.withFilter(10, inputs.getFirst().entries());
        try (RunScan scan = MergedScan.of(inputs, 0, -1, true);
                RunWriter out =
                        RunWriter.open(new NoFile(), description(), false, options, pages)) {
            while (scan.next()) {
                scan.copyTo(out);
            }
            out.finish();
        }
    }
}
