package io.aquifer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Which mappings this process's resident pages lie in, as the kernel lists them in `smaps`.
///
/// **Invariant**: every resident page is in exactly one of the classes, so they add up to
/// [#totalBytes].
///
/// Immutable; any thread.
///
/// @param heapBytes in the Java heap's addresses
/// @param codeBytes in the code cache's addresses
/// @param binaryBytes in mappings of programs, libraries and class archives
/// @param fileBytes in mappings of other files
/// @param anonymousBytes in all other mappings
record ResidentPages(
        long heapBytes, long codeBytes, long binaryBytes, long fileBytes, long anonymousBytes) {

    /// Addresses from `start` on, before `end`.
    record Range(long start, long end) {
        boolean contains(long address) {
            return Long.compareUnsigned(address, start) >= 0
                    && Long.compareUnsigned(address, end) < 0;
        }
    }

    long totalBytes() {
        return heapBytes + codeBytes + binaryBytes + fileBytes + anonymousBytes;
    }

    /// Reads a `smaps` file.
    ///
    /// @param heap where the Java heap lies
    /// @param code where the code cache lies
    /// @throws IOException if the file cannot be read
    static ResidentPages read(Path smaps, List<Range> heap, List<Range> code) throws IOException {
        try (InputStream in = Files.newInputStream(smaps)) {
            return new Scan(in, heap, code).run();
        }
    }

    /// One pass over the file, a line at a time in one buffer: the file has a few thousand lines
    /// and is read every second, so it makes no garbage.
    private static final class Scan {
        private static final byte[] RSS = "Rss:".getBytes(StandardCharsets.US_ASCII);

        private final InputStream in;
        private final List<Range> heap;
        private final List<Range> code;
        private final byte[] line = new byte[4096];
        private final byte[] buffer = new byte[16 * 1024];
        private int bufferLength;
        private int bufferPosition;
        private final long[] bytes = new long[5];

        Scan(InputStream in, List<Range> heap, List<Range> code) {
            this.in = in;
            this.heap = heap;
            this.code = code;
        }

        ResidentPages run() throws IOException {
            int kind = 4;
            for (int length = nextLine(); length >= 0; length = nextLine()) {
                if (isMapping(length)) {
                    kind = kindOf(length);
                } else if (startsWithRss(length)) {
                    bytes[kind] += decimal(RSS.length, length) * Sizes.KIB;
                }
            }
            return new ResidentPages(bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
        }

        private boolean isMapping(int length) {
            for (int at = 0; at < length; at++) {
                int digit = Character.digit(line[at], 16);
                if (digit < 0) {
                    return at > 0 && line[at] == '-' && !Character.isUpperCase(line[0]);
                }
            }
            return false;
        }

        private int kindOf(int length) {
            long start = 0;
            for (int at = 0; line[at] != '-'; at++) {
                start = start << 4 | Character.digit(line[at], 16);
            }
            long address = start;
            if (heap.stream().anyMatch(range -> range.contains(address))) {
                return 0;
            }
            if (code.stream().anyMatch(range -> range.contains(address))) {
                return 1;
            }
            int slash = 0;
            while (slash < length && line[slash] != '/') {
                slash++;
            }
            if (slash == length) {
                return 4;
            }
            String path = new String(line, slash, length - slash, StandardCharsets.UTF_8);
            return isBinary(path) ? 2 : 3;
        }

        private static boolean isBinary(String path) {
            return path.endsWith(".so")
                    || path.contains(".so.")
                    || path.endsWith(".aot")
                    || path.endsWith(".jsa")
                    || path.endsWith("/lib/modules")
                    || path.endsWith("/bin/java")
                    || path.startsWith("/usr/lib/locale/")
                    || path.endsWith("/gconv-modules.cache");
        }

        private boolean startsWithRss(int length) {
            for (int at = 0; at < RSS.length; at++) {
                if (at >= length || line[at] != RSS[at]) {
                    return false;
                }
            }
            return true;
        }

        private long decimal(int from, int length) {
            long value = 0;
            for (int at = from; at < length; at++) {
                if (line[at] >= '0' && line[at] <= '9') {
                    value = value * 10 + (line[at] - '0');
                }
            }
            return value;
        }

        /// The next line's length, its bytes in [#line]; -1 at the end. What exceeds the buffer is
        /// dropped.
        private int nextLine() throws IOException {
            int length = 0;
            for (int value = next(); value != '\n'; value = next()) {
                if (value < 0) {
                    return length > 0 ? length : -1;
                }
                if (length < line.length) {
                    line[length++] = (byte) value;
                }
            }
            return length;
        }

        private int next() throws IOException {
            if (bufferPosition == bufferLength) {
                bufferLength = in.read(buffer);
                bufferPosition = 0;
                if (bufferLength <= 0) {
                    bufferLength = 0;
                    return -1;
                }
            }
            return buffer[bufferPosition++];
        }
    }
}
