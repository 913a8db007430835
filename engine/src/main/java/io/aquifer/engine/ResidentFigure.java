package io.aquifer.engine;

import io.aquifer.memory.MemoryStatistics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The process's resident set beside what the ledger says is resident, at one moment.
///
/// The ledger knows page memory to the byte; the Java heap and the virtual machine's other areas it
/// knows by their caps alone. So the two are compared by how both have moved since a baseline that
/// was frozen before the first job: what is left over is the virtual machine's own growth, and what
/// nobody accounts for.
///
/// @param rssBytes the resident set by the kernel, -1 where it cannot be read
/// @param baselineBytes the resident set before the first job
/// @param ledgerBytes page memory that is resident by the ledger
public record ResidentFigure(long rssBytes, long baselineBytes, long ledgerBytes) {
    private static final Path STATM = Path.of("/proc/self/statm");

    /// What is resident beyond the baseline and the ledger's pages; negative when the virtual
    /// machine has given memory back since.
    public long beyondLedgerBytes() {
        return rssBytes < 0 ? 0 : rssBytes - baselineBytes - ledgerBytes;
    }

    /// The figure now.
    static ResidentFigure of(long baselineBytes, MemoryStatistics ledger) {
        return new ResidentFigure(rss(), baselineBytes, ledger.pageBytesResident());
    }

    /// The resident set of this process in bytes, -1 where the kernel does not tell.
    static long rss() {
        try {
            String[] fields = Files.readString(STATM).split(" ");
            return Long.parseLong(fields[1]) * PageSize.BYTES;
        } catch (IOException | RuntimeException notLinux) {
            return -1;
        }
    }

    /// The unit of `statm`, found once.
    private static final class PageSize {
        static final long BYTES = find();

        private static long find() {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
                    if (line.startsWith("KernelPageSize:")) {
                        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                    }
                }
            } catch (IOException | RuntimeException notLinux) {
                // The usual size then.
            }
            return 4096;
        }
    }
}
