package io.aquifer.connectors.files;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/// Judges bytes that should be UTF-8.
final class Utf8 {
    private Utf8() {}

    /// The place of the first byte that is not UTF-8, -1 when all are.
    ///
    /// @param mayContinue whether a character may be cut at the end, since more bytes follow
    static int firstMalformed(byte[] text, boolean mayContinue) {
        return firstMalformed(text, 0, text.length, mayContinue);
    }

    static int firstMalformed(byte[] text, int from, int to, boolean mayContinue) {
        int at = from;
        while (at < to && text[at] >= 0) {
            at++;
        }
        if (at == to) {
            return -1;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(text, at, to - at);
        CharBuffer out = CharBuffer.allocate(4096);
        while (true) {
            CoderResult result = decoder.decode(in, out, !mayContinue);
            if (result.isError()) {
                return in.position();
            } else if (result.isUnderflow()) {
                return -1;
            }
            out.clear();
        }
    }

    /// `length` less the bytes of a character that is cut at the end.
    static int wholeCharacters(byte[] text, int length) {
        for (int back = 1; back <= 3 && back <= length; back++) {
            int b = text[length - back] & 0xFF;
            if (b >= 0xC0) {
                int needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
                return needed > back ? length - back : length;
            } else if (b < 0x80) {
                return length;
            }
        }
        return length;
    }
}
