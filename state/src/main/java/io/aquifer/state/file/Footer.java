package io.aquifer.state.file;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a state file holds: texts, sections, blocks.
///
/// ```
/// | magic u32 | texts u32 | text 0 | ... | sections u32 | section 0 | ... | blocks u32 | rows ... |
///
/// a text: bytes u32, UTF-8        a section, 32 bytes
///                                  0 kind u8             8 key type u32, a text
///                                  1 zero u8            12 value type u32, a text
///                                  2 flags u16          16 window i64
///                                  4 name u32, a text   24 entries u64
/// ```
///
/// The rows of the blocks are those of a [BlockTable].
final class Footer {
    private static final int SECTION = 32;

    final List<StateSection> sections = new ArrayList<>();
    private final Map<StateSection.Identity, Integer> numbers = new HashMap<>();
    private final List<Long> entryCounts = new ArrayList<>();
    private final Map<String, Integer> textNumbers = new HashMap<>();
    private final ByteArrayOutputStream texts = new ByteArrayOutputStream();
    final BlockTable blocks;

    Footer() {
        blocks = new BlockTable();
    }

    private Footer(BlockTable blocks) {
        this.blocks = blocks;
    }

    boolean contains(StateSection section) {
        return numbers.containsKey(section.identity());
    }

    /// The number of a section, or -1 if there is none that equals it.
    int numberOf(StateSection section) {
        Integer number = numbers.get(section.identity());
        return number != null && sections.get(number).equals(section) ? number : -1;
    }

    /// Adds a section that is not there.
    void add(StateSection section, long entries) {
        numbers.put(section.identity(), sections.size());
        sections.add(section);
        entryCounts.add(entries);
    }

    void setEntryCount(int section, long entries) {
        entryCounts.set(section, entries);
    }

    long entryCount(int section) {
        return entryCounts.get(section);
    }

    /// Prepares the texts of a section for [#encodeHead].
    ///
    /// @throws IllegalArgumentException if one of them is no Unicode text
    void encodeTexts(StateSection section) {
        encodeText(section.name());
        encodeText(section.keyType());
        encodeText(section.valueType());
    }

    private void encodeText(String text) {
        if (!textNumbers.containsKey(text)) {
            byte[] bytes = encode(text);
            writeInt(texts, bytes.length);
            texts.writeBytes(bytes);
            textNumbers.put(text, textNumbers.size());
        }
    }

    /// The bytes before the rows of the blocks.
    byte[] encodeHead() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeInt(out, Layout.FOOTER_MAGIC);
        writeInt(out, textNumbers.size());
        out.writeBytes(texts.toByteArray());
        writeInt(out, sections.size());
        byte[] row = new byte[SECTION];
        for (int i = 0; i < sections.size(); i++) {
            StateSection section = sections.get(i);
            row[0] = (byte) section.kind().code;
            Layout.putInt(row, 4, numberOf(section.name()));
            Layout.putInt(row, 8, numberOf(section.keyType()));
            Layout.putInt(row, 12, numberOf(section.valueType()));
            Layout.putLong(row, 16, section.window());
            Layout.putLong(row, 24, entryCounts.get(i));
            out.writeBytes(row);
        }
        writeInt(out, blocks.count());
        return out.toByteArray();
    }

    private int numberOf(String text) {
        return Objects.requireNonNull(textNumbers.get(text), "text of a section");
    }

    private static void writeInt(ByteArrayOutputStream out, int value) {
        byte[] bytes = new byte[4];
        Layout.putInt(bytes, 0, value);
        out.writeBytes(bytes);
    }

    /// The text as UTF-8.
    ///
    /// @throws IllegalArgumentException if that would not give the same text back
    static byte[] encode(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException unpaired) {
            throw new IllegalArgumentException(
                    "a state file cannot hold the text '"
                            + text
                            + "': it has one half of a surrogate pair",
                    unpaired);
        }
    }

    /// Reads a footer whose checksum fits.
    ///
    /// @param offset where in the file it lies
    static Footer decode(byte[] bytes, long offset, String file) throws IOException {
        FooterCursor at = new FooterCursor(bytes, offset, file);
        at.require(at.nextInt() == Layout.FOOTER_MAGIC, "no footer begins here");
        List<String> texts = new ArrayList<>();
        for (int left = at.nextCount(4); left > 0; left--) {
            texts.add(at.nextText());
        }
        int sectionCount = at.nextCount(SECTION);
        int firstSection = at.skip(sectionCount * SECTION);
        int blockCount = at.nextCount(BlockTable.ROW);
        at.require(
                at.remaining() == (long) blockCount * BlockTable.ROW,
                "the footer is longer than its tables");
        Footer footer = new Footer(new BlockTable(bytes, at.position()));
        for (int i = 0; i < sectionCount; i++) {
            footer.addDecoded(at, bytes, firstSection + i * SECTION, texts);
        }
        return footer;
    }

    private void addDecoded(FooterCursor at, byte[] bytes, int row, List<String> texts)
            throws IOException {
        int number = sections.size();
        at.moveTo(row);
        StateSection.Kind kind = kindOf(bytes[row] & 0xFF);
        if (kind == null) {
            throw at.unknown("section %,d of kind %d".formatted(number, bytes[row] & 0xFF));
        }
        int flags = Layout.getShort(bytes, row + 2);
        if (flags != 0 || bytes[row + 1] != 0) {
            throw at.unknown(
                    "section %,d with flags 0x%04x%02x".formatted(number, flags, bytes[row + 1]));
        }
        long window = Layout.getLong(bytes, row + 16);
        at.require(window == 0 || kind.hasWindow(), kind + " section with a window");
        StateSection section =
                new StateSection(
                        at.textOf(Layout.getInt(bytes, row + 4), texts),
                        kind,
                        window,
                        at.textOf(Layout.getInt(bytes, row + 8), texts),
                        at.textOf(Layout.getInt(bytes, row + 12), texts));
        at.require(!contains(section), "section '" + section.name() + "' is there twice");
        add(section, Layout.getLong(bytes, row + 24));
    }

    private static StateSection.@Nullable Kind kindOf(int code) {
        for (StateSection.Kind kind : StateSection.Kind.values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        return null;
    }
}
