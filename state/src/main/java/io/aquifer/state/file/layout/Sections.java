package io.aquifer.state.file.layout;

import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The sections of a state file and their texts: the first part of its footer.
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
/// The rows of the blocks, which follow, are not in here.
public final class Sections {
    private static final int SECTION = 32;

    private final List<StateSection> sections = new ArrayList<>();
    private final Map<Identity, Integer> numbers = new HashMap<>();
    private final List<Long> entryCounts = new ArrayList<>();
    private final Map<String, Integer> textNumbers = new HashMap<>();
    private final ByteArrayOutputStream texts = new ByteArrayOutputStream();

    /// What tells sections of a file apart.
    private record Identity(String name, StateSection.Kind kind, long window) {
        static Identity of(StateSection section) {
            return new Identity(section.name(), section.kind(), section.window());
        }
    }

    /// In the order of the file.
    public List<StateSection> list() {
        return Collections.unmodifiableList(sections);
    }

    public StateSection get(int number) {
        return sections.get(number);
    }

    public int size() {
        return sections.size();
    }

    public boolean contains(StateSection section) {
        return numbers.containsKey(Identity.of(section));
    }

    /// The number of a section, or -1 if there is none that equals it.
    public int numberOf(StateSection section) {
        Integer number = numbers.get(Identity.of(section));
        return number != null && sections.get(number).equals(section) ? number : -1;
    }

    /// Adds a section that is not there.
    public void add(StateSection section, long entries) {
        numbers.put(Identity.of(section), sections.size());
        sections.add(section);
        entryCounts.add(entries);
    }

    public void setEntryCount(int section, long entries) {
        entryCounts.set(section, entries);
    }

    public long entryCount(int section) {
        return entryCounts.get(section);
    }

    /// Prepares the texts of a section for [#encode].
    ///
    /// @throws IllegalArgumentException if one of them is no Unicode text
    public void encodeTexts(StateSection section) {
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
    public byte[] encode(int blockCount) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeInt(out, Layout.FOOTER_MAGIC);
        writeInt(out, textNumbers.size());
        out.writeBytes(texts.toByteArray());
        writeInt(out, sections.size());
        byte[] row = new byte[SECTION];
        for (int i = 0; i < sections.size(); i++) {
            StateSection section = sections.get(i);
            row[0] = (byte) section.kind().code();
            Layout.putInt(row, 4, numberOf(section.name()));
            Layout.putInt(row, 8, numberOf(section.keyType()));
            Layout.putInt(row, 12, numberOf(section.valueType()));
            Layout.putLong(row, 16, section.window());
            Layout.putLong(row, 24, entryCounts.get(i));
            out.writeBytes(row);
        }
        writeInt(out, blockCount);
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

    /// Reads what is before the number of the blocks, of a footer whose checksum fits.
    public static Sections decode(FooterCursor at) throws IOException {
        at.require(at.nextInt() == Layout.FOOTER_MAGIC, "no footer begins here");
        List<String> texts = new ArrayList<>();
        for (int left = at.nextCount(4); left > 0; left--) {
            texts.add(at.nextText());
        }
        Sections sections = new Sections();
        int count = at.nextCount(SECTION);
        for (int i = 0; i < count; i++) {
            sections.addDecoded(at, texts);
        }
        return sections;
    }

    private void addDecoded(FooterCursor at, List<String> texts) throws IOException {
        int number = sections.size();
        int start = at.position();
        int word = at.nextInt();
        int name = at.nextInt();
        int keyType = at.nextInt();
        int valueType = at.nextInt();
        long window = at.nextLong();
        long entries = at.nextLong();
        int end = at.position();
        at.moveTo(start);
        StateSection.Kind kind = kindOf(word & 0xFF);
        if (kind == null) {
            throw at.unknown("section %,d of kind %d".formatted(number, word & 0xFF));
        }
        if (word >>> 8 != 0) {
            throw at.unknown(
                    "section %,d with flags 0x%04x%02x"
                            .formatted(number, word >>> 16, word >>> 8 & 0xFF));
        }
        at.require(window == 0 || kind.hasWindow(), kind + " section with a window");
        StateSection section =
                new StateSection(
                        at.textOf(name, texts),
                        kind,
                        window,
                        at.textOf(keyType, texts),
                        at.textOf(valueType, texts));
        at.require(!contains(section), "section '" + section.name() + "' is there twice");
        at.moveTo(end);
        add(section, entries);
    }

    private static StateSection.@Nullable Kind kindOf(int code) {
        for (StateSection.Kind kind : StateSection.Kind.values()) {
            if (kind.code() == code) {
                return kind;
            }
        }
        return null;
    }
}
