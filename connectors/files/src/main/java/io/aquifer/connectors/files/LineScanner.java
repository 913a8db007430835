package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/// Cuts bytes into lines without decoding them; a line ends with LF or CRLF, the last one may end
/// with the bytes.
///
/// A line of more than [#LINE_BYTES_MAX] bytes is passed over and marked, so that the buffer stays
/// bounded.
final class LineScanner implements Closeable {
    static final int LINE_BYTES_MAX = 16 * 1024 * 1024;

    private final InputStream in;
    private byte[] buffer = new byte[64 * 1024];
    private int at;
    private int limit;
    private int start;
    private int end;
    private boolean tooLong;
    private long lineStart;
    private long nextLineStart;
    private boolean ended;
    private @Nullable IOException failure;

    /// @param first the place of the first byte of `in` in the file
    LineScanner(InputStream in, long first) {
        this.in = in;
        this.nextLineStart = first;
    }

    /// What the buffer occupies on the Java heap.
    long heapBytes() {
        return buffer.length;
    }

    /// Finds the next line; false at the end, and when the bytes fail: then [#failure] is set and
    /// the torn line dropped.
    boolean next() {
        tooLong = false;
        lineStart = nextLineStart;
        start = at;
        int scanned = at;
        long dropped = 0;
        while (true) {
            for (; scanned < limit; scanned++) {
                if (buffer[scanned] == '\n') {
                    at = scanned + 1;
                    nextLineStart = lineStart + dropped + (at - start);
                    end = scanned > start && buffer[scanned - 1] == '\r' ? scanned - 1 : scanned;
                    return true;
                }
            }
            if (limit - start >= LINE_BYTES_MAX) {
                tooLong = true;
            }
            if (tooLong) {
                dropped += limit - start;
                start = 0;
                limit = 0;
                scanned = 0;
            }
            int before = start;
            if (!fill()) {
                if (failure != null || limit == start && dropped == 0) {
                    return false;
                }
                at = limit;
                nextLineStart = lineStart + dropped + (limit - start);
                end = limit > start && buffer[limit - 1] == '\r' ? limit - 1 : limit;
                return true;
            }
            scanned -= before - start;
        }
    }

    private boolean fill() {
        if (ended) {
            return false;
        }
        if (limit == buffer.length) {
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, limit - start);
            } else {
                buffer = java.util.Arrays.copyOf(buffer, buffer.length * 2);
            }
            limit -= start;
            start = 0;
        }
        try {
            int count = in.read(buffer, limit, buffer.length - limit);
            if (count < 0) {
                ended = true;
                return false;
            }
            limit += count;
            return true;
        } catch (IOException e) {
            failure = e;
            ended = true;
            return false;
        }
    }

    void dropByteOrderMark() {
        if (end - start >= 3
                && (buffer[start] & 0xFF) == 0xEF
                && (buffer[start + 1] & 0xFF) == 0xBB
                && (buffer[start + 2] & 0xFF) == 0xBF) {
            start += 3;
        }
    }

    boolean isBlank() {
        for (int i = start; i < end; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    byte[] bytes() {
        return buffer;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /// Whether the line was too long to keep; then only [#lineStart] is of use.
    boolean tooLong() {
        return tooLong;
    }

    /// The place of the line's first byte in the file.
    long lineStart() {
        return lineStart;
    }

    /// The place of the first byte behind the line and its end.
    long nextLineStart() {
        return nextLineStart;
    }

    @Nullable IOException failure() {
        return failure;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
