package io.aquifer.connectors.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Decompresses gzip, member after member, and says where it stops being gzip.
///
/// A stream that ends inside a member, also inside the header of a later one, is a
/// [CutOffException]: never a silent end. Zeros behind the last member are padding and are passed
/// over.
final class GzipStream extends InputStream {
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[32 * 1024];
    private final byte[] single = new byte[1];
    private int at;
    private int limit;
    private long consumed;
    private boolean inMember;
    private boolean ended;
    private boolean closed;

    GzipStream(InputStream in) throws IOException {
        this.in = in;
        if (!readHeader(true)) {
            throw new CutOffException("is empty: 0 bytes");
        }
        inMember = true;
    }

    @Override
    public int read() throws IOException {
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] out, int from, int length) throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        while (length > 0 && !ended) {
            if (!inMember) {
                ended = !readHeader(false);
                inMember = !ended;
                continue;
            }
            int count;
            try {
                count = inflater.inflate(out, from, length);
            } catch (DataFormatException e) {
                throw new CutOffException(
                        "is damaged near compressed byte "
                                + place()
                                + ": gzip says "
                                + e.getMessage());
            }
            if (count > 0) {
                crc.update(out, from, count);
                return count;
            }
            if (inflater.finished()) {
                endMember();
            } else if (inflater.needsInput()) {
                if (!fill()) {
                    throw cutOff();
                }
                inflater.setInput(buffer, 0, limit);
                at = limit;
            } else {
                throw new CutOffException(
                        "is damaged near compressed byte " + place() + ": gzip needs a dictionary");
            }
        }
        return length == 0 ? 0 : -1;
    }

    private void endMember() throws IOException {
        at = limit - inflater.getRemaining();
        long expectedCrc = number(4);
        long expectedSize = number(4);
        if (expectedCrc != crc.getValue()
                || expectedSize != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
            throw new CutOffException(
                    "is damaged before compressed byte "
                            + place()
                            + ": the gzip checksum is wrong");
        }
        inMember = false;
    }

    /// False when there is no further member.
    private boolean readHeader(boolean first) throws IOException {
        int magic = next();
        while (!first && magic == 0) {
            magic = next();
        }
        if (magic < 0) {
            return false;
        }
        if (magic != 0x1F || must() != 0x8B) {
            throw new CutOffException(
                    first
                            ? "is not compressed with gzip although its name ends in .gz"
                            : "is damaged at compressed byte "
                                    + place()
                                    + ": something that is not gzip follows");
        }
        if (must() != 8) {
            throw new CutOffException(
                    "is damaged at compressed byte " + place() + ": gzip knows no such method");
        }
        int flags = must();
        number(6);
        if ((flags & EXTRA) != 0) {
            for (long left = number(2); left > 0; left--) {
                must();
            }
        }
        for (int texts = Integer.bitCount(flags & (NAME | COMMENT)); texts > 0; texts--) {
            while (must() != 0) {
                // the name or comment is of no use
            }
        }
        if ((flags & HEADER_CRC) != 0) {
            number(2);
        }
        inflater.reset();
        inflater.setInput(buffer, at, limit - at);
        at = limit;
        crc.reset();
        return true;
    }

    private long number(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) must() << 8 * i;
        }
        return value;
    }

    private int must() throws IOException {
        int value = next();
        if (value < 0) {
            throw cutOff();
        }
        return value;
    }

    private int next() throws IOException {
        if (at == limit && !fill()) {
            return -1;
        }
        return buffer[at++] & 0xFF;
    }

    private boolean fill() throws IOException {
        at = 0;
        limit = Math.max(0, in.read(buffer, 0, buffer.length));
        consumed += limit;
        return limit > 0;
    }

    private CutOffException cutOff() {
        return new CutOffException(
                "is cut off: gzip has no end, the file stops after " + place() + " bytes");
    }

    private String place() {
        return FileFormatException.grouped(consumed - Math.max(0, limit - at));
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            inflater.end();
            in.close();
        }
    }
}
