package io.aquifer.state.file.layout;

import io.aquifer.state.file.CorruptStateFileException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Reads a footer forward and checks every length against what is left.
public final class FooterCursor {
    private final byte[] bytes;
    private final long offset;
    private final String file;
    private int position;

    public FooterCursor(byte[] bytes, long offset, String file) {
        this.bytes = bytes;
        this.offset = offset;
        this.file = file;
    }

    public int position() {
        return position;
    }

    public int remaining() {
        return bytes.length - position;
    }

    public void moveTo(int newPosition) {
        position = newPosition;
    }

    public int skip(int count) throws CorruptStateFileException {
        require(count >= 0 && count <= remaining(), "a table ends behind the footer");
        int before = position;
        position += count;
        return before;
    }

    public int nextInt() throws CorruptStateFileException {
        return Layout.getInt(bytes, skip(4));
    }

    public long nextLong() throws CorruptStateFileException {
        return Layout.getLong(bytes, skip(8));
    }

    /// A number of things of at least `size` bytes each, which all have room.
    public int nextCount(int size) throws CorruptStateFileException {
        int count = nextInt();
        require(count >= 0 && count <= remaining() / size, "a table ends behind the footer");
        return count;
    }

    public String nextText() throws CorruptStateFileException {
        int length = nextInt();
        int start = skip(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, length))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw damaged("a text is not UTF-8 (" + malformed.getMessage() + ")");
        }
    }

    public String textOf(int number, List<String> texts) throws CorruptStateFileException {
        require(number >= 0 && number < texts.size(), "a section names a text that is not there");
        return texts.get(number);
    }

    public void require(boolean holds, String otherwise) throws CorruptStateFileException {
        if (!holds) {
            throw damaged(otherwise);
        }
    }

    private CorruptStateFileException damaged(String what) {
        return CorruptStateFileException.damaged(file, offset + position, what);
    }

    public CorruptStateFileException unknown(String what) {
        return CorruptStateFileException.unknown(file, offset + position, what);
    }
}
