package io.aquifer.state.file;

import io.aquifer.state.file.FileContent.Entry;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A second reader of state files, made from `docs/checkpoint-format.md` alone with `java.io`, and
/// with a CRC-32C of its own: it shares nothing with the first, so that a mistake in both writer
/// and reader shows.
final class PlainReader {
    private static final int[] CRC = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82F6_3B78;
            }
            CRC[i] = crc;
        }
    }

    private final byte[] file;

    private PlainReader(byte[] file) {
        this.file = file;
    }

    static FileContent read(byte[] file) throws IOException {
        return new PlainReader(file).read();
    }

    /// CRC-32C of `bytes[from .. to)`.
    static int crc(byte[] bytes, int from, int to) {
        return ~crc(~0, bytes, from, to);
    }

    private static int crc(int before, byte[] bytes, int from, int to) {
        int crc = before;
        for (int i = from; i < to; i++) {
            crc = crc >>> 8 ^ CRC[(crc ^ bytes[i]) & 0xFF];
        }
        return crc;
    }

    /// A block as it lies in the file.
    record Block(
            long offset,
            int bytes,
            int section,
            int entries,
            int firstGroup,
            int lastGroup,
            int kind,
            int codec,
            int flags,
            int crc,
            byte[] payload) {}

    /// What every state file has, whatever its blocks hold.
    record Parts(
            int flags,
            StateFileHeader header,
            List<StateSection> sections,
            List<Long> counts,
            List<Block> blocks) {}

    private FileContent read() throws IOException {
        Parts parts = parts();
        check(parts.flags() == 0, "flags");
        StateFileHeader header = parts.header();
        List<List<Entry>> entries = new ArrayList<>();
        parts.sections().forEach(section -> entries.add(new ArrayList<>()));
        for (Block block : parts.blocks()) {
            check(
                    block.firstGroup() == header.firstKeyGroup()
                            && block.lastGroup() == header.lastKeyGroup(),
                    "key groups");
            check(
                    block.kind() == 1 && block.codec() == 0 && block.flags() == 0,
                    "kind, codec, flags");
            readEntries(
                    new In(block.payload()),
                    block.entries(),
                    parts.sections().get(block.section()).kind(),
                    entries.get(block.section()));
        }
        Map<StateSection, List<Entry>> result = new LinkedHashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            check(parts.counts().get(i) == entries.get(i).size(), "entry count");
            result.put(parts.sections().get(i), entries.get(i));
        }
        return new FileContent(header, result);
    }

    static Parts parts(byte[] file) throws IOException {
        return new PlainReader(file).parts();
    }

    private Parts parts() throws IOException {
        int end = file.length;
        In trailer = in(end - 32, end);
        long footerOffset = trailer.u64();
        int footerBytes = trailer.u32();
        int footerCrc = trailer.u32();
        check(trailer.u32() == 1, "trailer version");
        check(trailer.u32() == crc(file, end - 32, end - 12), "trailer CRC");
        check(trailer.text(8).equals("AQSTEND\0"), "trailer magic");
        check(footerOffset + footerBytes + 32 == end, "footer place");
        int footerAt = (int) footerOffset;
        check(crc(file, footerAt, end - 32) == footerCrc, "footer CRC");

        In start = in(0, file.length);
        check(start.text(8).equals("AQSTATE\0"), "magic");
        check(start.u32() == 1, "version");
        int headerBytes = start.u32();
        int flags = start.u32();
        int subtask = start.u32();
        int maxParallelism = start.u32();
        int firstGroup = start.u32();
        int lastGroup = start.u32();
        String operator = start.text(start.u32());
        check(start.u32() == crc(file, 0, headerBytes - 4), "header CRC");

        In footer = in(footerAt, end - 32);
        check(footer.text(4).equals("AFTR"), "footer magic");
        String[] texts = new String[footer.u32()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = footer.text(footer.u32());
        }
        int sectionCount = footer.u32();
        List<StateSection> sections = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < sectionCount; i++) {
            StateSection.Kind kind = kind(footer.u8());
            check(footer.u8() == 0 && footer.u16() == 0, "section flags");
            String name = texts[footer.u32()];
            String keyType = texts[footer.u32()];
            String valueType = texts[footer.u32()];
            sections.add(new StateSection(name, kind, footer.u64(), keyType, valueType));
            counts.add(footer.u64());
        }
        List<Block> blocks = new ArrayList<>();
        int blockCount = footer.u32();
        long expected = headerBytes;
        for (int i = 0; i < blockCount; i++) {
            Block block = block(footer);
            check(block.offset() == expected, "block offset");
            expected += block.bytes();
            blocks.add(block);
        }
        check(expected == footerOffset, "blocks end");
        check(footer.available() == 0, "footer end");
        return new Parts(
                flags,
                new StateFileHeader(operator, subtask, maxParallelism, firstGroup, lastGroup),
                sections,
                counts,
                blocks);
    }

    /// A block by its row in the footer.
    private Block block(In footer) throws IOException {
        long offset = footer.u64();
        int bytes = footer.u32();
        byte[] described = footer.bytes(24);
        int at = (int) offset;
        In block = in(at, at + bytes);
        check(block.text(4).equals("ABLK"), "block magic");
        check(block.u32() == bytes - 36, "payload length");
        check(block.u32() == bytes - 36, "decoded length");
        check(Arrays.equals(block.bytes(24), described), "block header");
        In fields = new In(described);
        Block read =
                new Block(
                        offset,
                        bytes,
                        fields.u32(),
                        fields.u32(),
                        fields.u32(),
                        fields.u32(),
                        fields.u8(),
                        fields.u8(),
                        fields.u16(),
                        fields.u32(),
                        block.bytes(bytes - 36));
        int crc = crc(crc(~0, file, at, at + 32), file, at + 36, at + bytes);
        check(~crc == read.crc(), "block CRC");
        return read;
    }

    private static void readEntries(In in, int count, StateSection.Kind kind, List<Entry> to)
            throws IOException {
        byte[] key = null;
        for (int i = 0; i < count; i++) {
            int keyPlusOne = in.varint();
            int mapKey = kind == StateSection.Kind.MAP ? in.varint() : 0;
            int value = in.varint();
            if (keyPlusOne > 0) {
                key = in.bytes(keyPlusOne - 1);
            }
            check(key != null, "a key before");
            to.add(Entry.of(key, in.bytes(mapKey), in.bytes(value)));
        }
        check(in.available() == 0, "block end");
    }

    private static StateSection.Kind kind(int code) {
        return StateSection.Kind.valueOf(
                new String[] {
                            "VALUE",
                            "LIST",
                            "MAP",
                            "WINDOW_VALUE",
                            "WINDOW_LIST",
                            "EVENT_TIMERS",
                            "PROCESSING_TIMERS",
                            "OPERATOR"
                        }
                        [code - 1]);
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("not as the document says: " + what);
        }
    }

    private In in(int from, int to) {
        return new In(Arrays.copyOfRange(file, from, to));
    }

    /// Little endian numbers, one after another.
    static final class In {
        private final DataInputStream in;

        In(byte[] bytes) {
            in = new DataInputStream(new ByteArrayInputStream(bytes));
        }

        int available() throws IOException {
            return in.available();
        }

        int u8() throws IOException {
            return in.readUnsignedByte();
        }

        int u16() throws IOException {
            return u8() | u8() << 8;
        }

        int u32() throws IOException {
            return u16() | u16() << 16;
        }

        long u64() throws IOException {
            return (u32() & 0xFFFF_FFFFL) | (long) u32() << 32;
        }

        int varint() throws IOException {
            int value = 0;
            for (int shift = 0; ; shift += 7) {
                int part = u8();
                value |= (part & 0x7F) << shift;
                if (part < 0x80) {
                    return value;
                }
            }
        }

        byte[] bytes(int count) throws IOException {
            byte[] bytes = new byte[count];
            in.readFully(bytes);
            return bytes;
        }

        String text(int count) throws IOException {
            return new String(bytes(count), StandardCharsets.UTF_8);
        }
    }
}
