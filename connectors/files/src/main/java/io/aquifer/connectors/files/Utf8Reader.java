package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// UTF-8 text as characters, with marks for what is not text, so that the parser behind needs no
/// exceptions.
///
/// For parsers that read blocks: at least two characters at a time.
///
/// A byte order mark at the start is dropped. A byte that is not UTF-8 becomes a low surrogate of
/// its own, which no valid text has ([#isDamaged]). Behind the last character stand a line end and
/// [#END]; when the bytes stopped with an exception ([#failure]) only [#END], so that whoever finds
/// it inside a row knows that the row is not whole.
final class Utf8Reader extends Reader {
    /// A high surrogate alone, which no valid text has.
    static final char END = '\uDBFF';

    private final InputStream in;
    private final ByteBuffer bytes = ByteBuffer.allocate(64 * 1024).flip();
    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
    private boolean started;
    private boolean inputEnded;
    private String tail = "";
    private int tailAt = -1;
    private @Nullable IOException failure;
    private boolean malformed;

    Utf8Reader(InputStream in) {
        this.in = in;
    }

    /// Why the bytes stopped, null while they go on or when they ended as they should.
    @Nullable IOException failure() {
        return failure;
    }

    /// Whether any byte so far was not UTF-8: only then is [#isDamaged] worth calling.
    boolean sawMalformed() {
        return malformed;
    }

    static boolean isDamaged(char[] text, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (Character.isHighSurrogate(text[i])
                    && i + 1 < from + length
                    && Character.isLowSurrogate(text[i + 1])) {
                i++;
            } else if (Character.isSurrogate(text[i])) {
                return true;
            }
        }
        return false;
    }

    /// For messages: what was not UTF-8 as the usual replacement character.
    static String readable(String text) {
        char[] chars = text.toCharArray();
        StringBuilder readable = new StringBuilder(chars.length);
        for (int i = 0; i < chars.length; i++) {
            if (Character.isHighSurrogate(chars[i])
                    && i + 1 < chars.length
                    && Character.isLowSurrogate(chars[i + 1])) {
                readable.append(chars[i]).append(chars[++i]);
            } else if (chars[i] != END) {
                readable.append(Character.isSurrogate(chars[i]) ? '\uFFFD' : chars[i]);
            }
        }
        return readable.toString();
    }

    @Override
    public int read(char[] out, int from, int length) {
        if (length < 2) {
            throw new IllegalArgumentException(
                    "a character may take two places, there is room for " + length);
        }
        CharBuffer target = CharBuffer.wrap(out, from, length);
        while (tailAt < 0) {
            if (bytes.remaining() < 4 && !inputEnded) {
                fill();
            }
            CoderResult result = decoder.decode(bytes, target, inputEnded);
            if (result.isError() && target.hasRemaining()) {
                malformed = true;
                target.put((char) (0xDC00 + (bytes.get() & 0xFF)));
                decoder.reset();
            }
            if (target.position() > from) {
                return target.position() - from;
            }
            if (result.isUnderflow() && inputEnded) {
                tail = failure == null ? "\n" + END : String.valueOf(END);
                tailAt = 0;
            }
        }
        int count = Math.min(length, tail.length() - tailAt);
        if (count == 0) {
            return -1;
        }
        tail.getChars(tailAt, tailAt + count, out, from);
        tailAt += count;
        return count;
    }

    private void fill() {
        bytes.compact();
        try {
            while (bytes.position() < 4) {
                int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
                if (count < 0) {
                    inputEnded = true;
                    break;
                }
                bytes.position(bytes.position() + count);
            }
        } catch (IOException e) {
            failure = e;
            inputEnded = true;
        }
        bytes.flip();
        if (!started) {
            started = true;
            if (bytes.remaining() >= 3
                    && (bytes.get(0) & 0xFF) == 0xEF
                    && (bytes.get(1) & 0xFF) == 0xBB
                    && (bytes.get(2) & 0xFF) == 0xBF) {
                bytes.position(3);
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
