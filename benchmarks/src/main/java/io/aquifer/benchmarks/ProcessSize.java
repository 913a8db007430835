package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// This process's resident memory as the kernel counts it, cheap enough for a sample every
/// millisecond: one read of `/proc/self/statm`, no object. Used by one thread.
public final class ProcessSize implements AutoCloseable {
    private final FileChannel statm;
    private final ByteBuffer text = ByteBuffer.allocateDirect(256);
    private final long kernelPageBytes;

    private ProcessSize(FileChannel statm, long kernelPageBytes) {
        this.statm = statm;
        this.kernelPageBytes = kernelPageBytes;
    }

    /// @throws IOException where there is no `/proc`
    public static ProcessSize ofSelf() throws IOException {
        Path self = Path.of("/proc/self");
        FileChannel statm = FileChannel.open(self.resolve("statm"));
        ProcessSize inPages = new ProcessSize(statm, 1);
        // The process grows between the two reads; a page size is a power of two all the same.
        long ratio =
                statusBytes(Files.readString(self.resolve("status")), "VmSize:") / inPages.field(0);
        return new ProcessSize(statm, Long.highestOneBit(Math.max(1, ratio + ratio / 2)));
    }

    public long residentBytes() throws IOException {
        return field(1) * kernelPageBytes;
    }

    /// A field of `/proc/PID/status` in bytes, such as `VmHWM:`; 0 when it is not there, as in a
    /// process that is ending.
    public static long statusBytes(String status, String field) {
        return status.lines()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    @Override
    public void close() throws IOException {
        statm.close();
    }

    private long field(int index) throws IOException {
        text.clear();
        int length = statm.read(text, 0);
        long value = 0;
        int at = 0;
        for (int i = 0; i < length; i++) {
            byte c = text.get(i);
            if (c >= '0' && c <= '9') {
                value = value * 10 + (c - '0');
            } else if (at++ == index) {
                return value;
            } else {
                value = 0;
            }
        }
        throw new IOException("/proc/self/statm has no field " + index);
    }
}
