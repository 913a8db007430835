package io.aquifer.state.file.layout;

import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.StateFileHeader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// What frames the blocks of a file: the header before them, and the trailer behind them and the
/// footer.
public final class FileEnds {
    private static final int HEADER_MIN = Layout.HEADER_FIXED + 4;
    private static final int HEADER_MAX = HEADER_MIN + Layout.OPERATOR_BYTES_MAX;

    private final Input in;
    private final byte[] trailer = new byte[Layout.TRAILER];
    private final long footerOffset;
    private final int footerBytes;
    private final int headerBytes;
    private final StateFileHeader header;
    private int flags;

    /// Reads and checks both ends.
    ///
    /// @param knownFlags header flags that do not make the file one of a newer version
    public FileEnds(Input in, int knownFlags) throws IOException {
        this.in = in;
        byte[] start = new byte[16];
        require(
                in.length() >= HEADER_MIN + Layout.TRAILER,
                in.length(),
                "it is cut off, or no state file");
        in.read(0, start, 0, start.length);
        require(Layout.getLong(start, 0) == Layout.FILE_MAGIC, 0, "no state file begins like this");
        checkTrailer();
        footerOffset = Layout.getLong(trailer, 0);
        footerBytes = Layout.getInt(trailer, 8);
        headerBytes = Layout.getInt(start, 12);
        require(
                footerBytes >= 0
                        && footerOffset == in.length() - Layout.TRAILER - footerBytes
                        && footerOffset >= HEADER_MIN,
                in.length() - Layout.TRAILER,
                "its end was not written for a file of %,d bytes".formatted(in.length()));
        require(
                headerBytes >= HEADER_MIN && headerBytes <= Math.min(HEADER_MAX, footerOffset),
                12,
                "%,d is no length of a header".formatted(headerBytes));
        header = readHeader(knownFlags);
    }

    /// Where the first block begins.
    public int headerBytes() {
        return headerBytes;
    }

    public StateFileHeader header() {
        return header;
    }

    /// The header's flags.
    public int flags() {
        return flags;
    }

    public long footerOffset() {
        return footerOffset;
    }

    public int footerBytes() {
        return footerBytes;
    }

    /// What the CRC of the footer must be.
    public int footerChecksum() {
        return Layout.getInt(trailer, 12);
    }

    private void checkTrailer() throws IOException {
        long offset = in.length() - Layout.TRAILER;
        in.read(offset, trailer, 0, trailer.length);
        require(
                Layout.getLong(trailer, 24) == Layout.TRAILER_MAGIC,
                in.length(),
                "the end is missing: it is cut off, or something was added");
        require(
                Layout.getInt(trailer, 20) == Layout.checksum(trailer, Layout.TRAILER_CHECKED),
                offset,
                "the checksum of its end is wrong");
        checkVersion(Layout.getInt(trailer, 16), offset + 16);
    }

    private void checkVersion(int version, long offset) throws IOException {
        if (version != Layout.VERSION) {
            throw CorruptStateFileException.unknown(
                    in.name(), offset, "format version " + Integer.toUnsignedString(version));
        }
    }

    private StateFileHeader readHeader(int knownFlags) throws IOException {
        byte[] bytes = new byte[headerBytes];
        in.read(0, bytes, 0, headerBytes);
        int end = headerBytes - 4;
        require(
                Layout.getInt(bytes, end) == Layout.checksum(bytes, end),
                0,
                "the checksum of its header is wrong");
        checkVersion(Layout.getInt(bytes, 8), 8);
        flags = Layout.getInt(bytes, 16);
        if ((flags & ~knownFlags) != 0) {
            throw CorruptStateFileException.unknown(
                    in.name(), 16, "header flags 0x%08x".formatted(flags));
        }
        require(
                Layout.getInt(bytes, 36) == end - Layout.HEADER_FIXED,
                36,
                "the operator id does not fill the header");
        try {
            String operator =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(
                                    ByteBuffer.wrap(
                                            bytes, Layout.HEADER_FIXED, end - Layout.HEADER_FIXED))
                            .toString();
            return new StateFileHeader(
                    operator,
                    Layout.getInt(bytes, 20),
                    Layout.getInt(bytes, 24),
                    Layout.getInt(bytes, 28),
                    Layout.getInt(bytes, 32));
        } catch (CharacterCodingException | IllegalArgumentException impossible) {
            throw CorruptStateFileException.damaged(in.name(), 16, "" + impossible.getMessage());
        }
    }

    private void require(boolean holds, long offset, String otherwise) throws IOException {
        if (!holds) {
            throw CorruptStateFileException.damaged(in.name(), offset, otherwise);
        }
    }

    /// The bytes of a header.
    ///
    /// @throws IllegalArgumentException if the operator's id is too long
    public static byte[] encode(StateFileHeader header, int flags) {
        byte[] operator = Sections.encode(header.operator());
        if (operator.length > Layout.OPERATOR_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "an operator id of %,d bytes is too long for a state file, which takes %,d"
                            .formatted(operator.length, Layout.OPERATOR_BYTES_MAX));
        }
        int end = Layout.HEADER_FIXED + operator.length;
        byte[] bytes = new byte[end + 4];
        Layout.putLong(bytes, 0, Layout.FILE_MAGIC);
        Layout.putInt(bytes, 8, Layout.VERSION);
        Layout.putInt(bytes, 12, bytes.length);
        Layout.putInt(bytes, 16, flags);
        Layout.putInt(bytes, 20, header.subtask());
        Layout.putInt(bytes, 24, header.maxParallelism());
        Layout.putInt(bytes, 28, header.firstKeyGroup());
        Layout.putInt(bytes, 32, header.lastKeyGroup());
        Layout.putInt(bytes, 36, operator.length);
        System.arraycopy(operator, 0, bytes, Layout.HEADER_FIXED, operator.length);
        Layout.putInt(bytes, end, Layout.checksum(bytes, end));
        return bytes;
    }

    /// The bytes of a trailer.
    public static byte[] encodeTrailer(long footerOffset, int footerBytes, int footerChecksum) {
        byte[] bytes = new byte[Layout.TRAILER];
        Layout.putLong(bytes, 0, footerOffset);
        Layout.putInt(bytes, 8, footerBytes);
        Layout.putInt(bytes, 12, footerChecksum);
        Layout.putInt(bytes, 16, Layout.VERSION);
        Layout.putInt(bytes, 20, Layout.checksum(bytes, Layout.TRAILER_CHECKED));
        Layout.putLong(bytes, 24, Layout.TRAILER_MAGIC);
        return bytes;
    }
}
