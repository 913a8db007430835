package io.aquifer.engine.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/// The text that manifests and run files are: UTF-8 lines of tab separated fields.
///
/// ```
/// magic TAB version LF
/// word TAB field ... LF
/// crc32c TAB 8 hex digits, over everything before this line LF
/// ```
///
/// In a field a backslash is `\\`, tab `\t`, line feed `\n`, carriage return `\r`; other control
/// characters, the line and paragraph separators and surrogates without a partner are `\` and `u`
/// with four hex digits. Nothing else is escaped, so a text is written in one way only, and what is
/// written in another way is refused.
final class TabbedText {
    private static final String CHECKSUM = "crc32c";
    private static final int QUOTED_CHARS_MAX = 200;

    private final StringBuilder text = new StringBuilder();

    TabbedText(String magic, int version) {
        line(magic, Integer.toString(version));
    }

    TabbedText line(String... fields) {
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) {
                text.append('\t');
            }
            escape(fields[i], text);
        }
        text.append('\n');
        return this;
    }

    byte[] toBytes() {
        String body = text.toString();
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return (body + CHECKSUM + '\t' + hex(crc) + '\n').getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /// Whether a content begins as files of this magic do; it may be damaged further on.
    static boolean hasMagic(byte[] content, String magic) {
        byte[] begin = (magic + '\t').getBytes(StandardCharsets.US_ASCII);
        if (content.length < begin.length) {
            return false;
        }
        for (int i = 0; i < begin.length; i++) {
            if (content[i] != begin[i]) {
                return false;
            }
        }
        return true;
    }

    /// The lines between the first and the last.
    ///
    /// @param file what messages call it
    static List<TextLine> parse(byte[] content, String magic, int version, String file)
            throws CorruptTextException {
        if (content.length == 0) {
            throw new CorruptTextException(file, 1, "the file is empty");
        }
        if (!hasMagic(content, magic)) {
            throw new CorruptTextException(
                    file, 1, "does not begin with '" + magic + "': it is another file or damaged");
        }
        List<Integer> starts = new ArrayList<>();
        for (int at = 0; at < content.length; at = lineEnd(content, at) + 1) {
            starts.add(at);
        }
        TextLine first = line(content, 0, file, 1).expect(magic, 1);
        if (!first.text(1).equals(Integer.toString(version))) {
            throw first.corrupt(
                    "version "
                            + quote(first.text(1))
                            + " is not known; this program knows version "
                            + version);
        }
        int last = starts.size() - 1;
        checkChecksum(content, starts.get(last), file, last + 1);
        List<TextLine> lines = new ArrayList<>(Math.max(0, last - 1));
        for (int i = 1; i < last; i++) {
            lines.add(line(content, starts.get(i), file, i + 1));
        }
        return lines;
    }

    private static void checkChecksum(byte[] content, int start, String file, int number)
            throws CorruptTextException {
        String begin = CHECKSUM + '\t';
        String line = new String(content, start, content.length - start, StandardCharsets.UTF_8);
        if (!line.startsWith(begin) || !line.endsWith("\n")) {
            throw new CorruptTextException(
                    file, number, "the end with the checksum is missing: the file is cut off");
        }
        CRC32C crc = new CRC32C();
        crc.update(content, 0, start);
        String found = line.substring(begin.length(), line.length() - 1);
        if (!found.equals(hex(crc))) {
            throw new CorruptTextException(
                    file,
                    number,
                    "the file is damaged: its checksum is " + hex(crc) + ", not " + quote(found));
        }
    }

    private static int lineEnd(byte[] content, int start) {
        int at = start;
        while (at < content.length && content[at] != '\n') {
            at++;
        }
        return at;
    }

    private static TextLine line(byte[] content, int start, String file, int number)
            throws CorruptTextException {
        String line;
        try {
            int length = lineEnd(content, start) - start;
            line =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(content, start, length))
                            .toString();
        } catch (CharacterCodingException e) {
            throw new CorruptTextException(file, number, "is not UTF-8");
        }
        List<String> fields = new ArrayList<>();
        int begin = 0;
        for (int tab = line.indexOf('\t'); tab >= 0; tab = line.indexOf('\t', begin)) {
            fields.add(unescape(line.substring(begin, tab), file, number));
            begin = tab + 1;
        }
        fields.add(unescape(line.substring(begin), file, number));
        return new TextLine(file, number, List.copyOf(fields));
    }

    /// A text in quotes on one line, shortened if it is long, for messages.
    static String quote(String text) {
        int length = Math.min(text.length(), QUOTED_CHARS_MAX);
        StringBuilder quoted = new StringBuilder("'");
        escape(text.substring(0, length), quoted);
        return quoted.append(length < text.length() ? "...'" : "'").toString();
    }

    private static void escape(String field, StringBuilder to) {
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            switch (c) {
                case '\\' -> to.append("\\\\");
                case '\t' -> to.append("\\t");
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                default -> {
                    if (isPair(field, i)) {
                        to.append(c).append(field.charAt(++i));
                    } else if (needsNumber(c)) {
                        to.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        to.append(c);
                    }
                }
            }
        }
    }

    private static boolean isPair(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
    }

    private static boolean needsNumber(char c) {
        return Character.isISOControl(c)
                || Character.isSurrogate(c)
                || c == '\u2028'
                || c == '\u2029';
    }

    private static String unescape(String field, String file, int number)
            throws CorruptTextException {
        StringBuilder text = new StringBuilder(field.length());
        int at = 0;
        while (at < field.length()) {
            char c = field.charAt(at++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char kind = at < field.length() ? field.charAt(at++) : 0;
            switch (kind) {
                case '\\' -> text.append('\\');
                case 't' -> text.append('\t');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 'u' -> {
                    if (at + 4 <= field.length() && isHex(field.substring(at, at + 4))) {
                        text.append((char) HexFormat.fromHexDigits(field, at, at + 4));
                    }
                    at += 4;
                }
                default -> {}
            }
        }
        StringBuilder again = new StringBuilder(field.length());
        escape(text.toString(), again);
        if (!again.toString().equals(field)) {
            throw new CorruptTextException(
                    file, number, "a field is not escaped as it should be: '" + again + "'");
        }
        return text.toString();
    }

    private static boolean isHex(String digits) {
        return digits.chars().allMatch(HexFormat::isHexDigit);
    }
}
