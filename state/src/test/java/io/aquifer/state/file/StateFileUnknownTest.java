package io.aquifer.state.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.file.StateFileDamageTest.TwoBlocks;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;

/// Files whose checksums all fit but that say what this version does not know, or nonsense.
///
/// Goal: the unknown is refused by name; nonsense throws a [CorruptStateFileException] or is read
/// as what it says, and never anything else.
class StateFileUnknownTest {
    private static final int ROW = 36;
    private static final int SECTION = 32;

    /// A file that can be changed anywhere and sealed again.
    private static final class Crafted {
        final byte[] bytes;
        final ByteBuffer at;
        private final int headerBytes;
        private final int footer;
        private final int rows;
        private final int blockCount;
        private final int sectionCount;
        private final int[] offsets;
        private final int[] lengths;

        Crafted(byte[] file, int sectionCount) {
            bytes = file.clone();
            at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            headerBytes = at.getInt(12);
            footer = (int) at.getLong(file.length - 32);
            int blocks = 0;
            int offset = headerBytes;
            while (offset < footer) {
                offset += 36 + at.getInt(offset + 4);
                blocks++;
            }
            this.sectionCount = sectionCount;
            blockCount = blocks;
            rows = file.length - 32 - blocks * ROW;
            offsets = new int[blocks];
            lengths = new int[blocks];
            for (int i = 0; i < blocks; i++) {
                offsets[i] = (int) at.getLong(rows + i * ROW);
                lengths[i] = at.getInt(rows + i * ROW + 8);
            }
        }

        int section(int number) {
            return rows - 4 - (sectionCount - number) * SECTION;
        }

        /// Changes a byte of a block's header, from 12 on, and of its row, which has it there too.
        void putBlock(int block, int offset, int value) {
            bytes[offsets[block] + offset] = (byte) value;
            bytes[rows + block * ROW + offset] = (byte) value;
        }

        byte[] sealed() {
            at.putInt(headerBytes - 4, PlainReader.crc(bytes, 0, headerBytes - 4));
            for (int i = 0; i < blockCount; i++) {
                byte[] checked = new byte[lengths[i] - 4];
                System.arraycopy(bytes, offsets[i], checked, 0, 32);
                System.arraycopy(bytes, offsets[i] + 36, checked, 32, lengths[i] - 36);
                int crc = PlainReader.crc(checked, 0, checked.length);
                at.putInt(offsets[i] + 32, crc);
                at.putInt(rows + i * ROW + 32, crc);
            }
            int trailer = bytes.length - 32;
            at.putInt(trailer + 12, PlainReader.crc(bytes, footer, trailer));
            at.putInt(trailer + 20, PlainReader.crc(bytes, trailer, trailer + 20));
            return bytes;
        }
    }

    private static Crafted twoBlocks() throws IOException {
        return new Crafted(TwoBlocks.file((byte) 1), 2);
    }

    private static void assertUnknown(Crafted file, String what) {
        assertThatThrownBy(() -> FileContent.read(file.sealed()))
                .isInstanceOf(CorruptStateFileException.class)
                .hasMessage(
                        "state file 'test' needs a newer version of Aquifer: "
                                + what
                                + ", which this version cannot read.");
    }

    @Test
    void open_unknownVersion_isRefusedByNumber() throws IOException {
        Crafted file = twoBlocks();
        file.bytes[8] = 2;
        assertUnknown(file, "format version 2 at byte 8");
        file.bytes[file.bytes.length - 16] = 2;
        assertUnknown(file, "format version 2 at byte %,d".formatted(file.bytes.length - 16));
    }

    @Test
    void open_unknownFlagsOrKinds_isRefusedByName() throws IOException {
        Crafted file = twoBlocks();
        file.bytes[16] = 1;
        assertUnknown(file, "header flags 0x00000001 at byte 16");

        file = twoBlocks();
        file.bytes[file.section(1)] = 9;
        assertUnknown(file, "section 1 of kind 9 at byte %,d".formatted(file.section(1)));

        file = twoBlocks();
        file.bytes[file.section(0) + 3] = 1;
        assertUnknown(file, "section 0 with flags 0x010000 at byte %,d".formatted(file.section(0)));
    }

    @Test
    void open_unknownBlock_isRefusedByName() throws IOException {
        Crafted file = twoBlocks();
        file.putBlock(1, 28, 3);
        assertUnknown(file, "body kind 3 in block 1 of 2, of state 't' at byte 90");
        file = twoBlocks();
        file.putBlock(0, 28, 127);
        assertUnknown(file, "body kind 127 in block 0 of 2, of state 's' at byte 46");
        file = twoBlocks();
        file.putBlock(0, 29, 1);
        assertUnknown(file, "codec 1 in block 0 of 2, of state 's' at byte 46");
        file = twoBlocks();
        file.putBlock(0, 30, 1);
        assertUnknown(file, "block flags 0x0001 in block 0 of 2, of state 's' at byte 46");
    }

    /// With the flag that a run has, too.
    @Test
    void open_orderedRun_isRefusedAsOne() throws IOException {
        for (int flag = 0; flag < 2; flag++) {
            Crafted file = twoBlocks();
            file.bytes[16] = (byte) flag;
            file.putBlock(1, 28, 2);
            file.putBlock(1, 30, flag);
            assertThatThrownBy(() -> FileContent.read(file.sealed()))
                    .isInstanceOf(CorruptStateFileException.class)
                    .hasMessage(
                            "state file 'test' cannot be read from front to back: block 1 of 2, of"
                                    + " state 't' at byte 90 is part of an ordered run (body kind"
                                    + " 2), which is opened as one.");
        }
    }

    /// Whatever a block only for finding entries says, it holds none.
    @Test
    void read_auxiliaryBlockOfAnyKind_isPassedOver() throws IOException {
        for (int kind = 128; kind < 256; kind++) {
            Crafted file = twoBlocks();
            file.putBlock(1, 28, kind);
            file.putBlock(1, 29, 77);
            file.putBlock(1, 31, 0x80);
            file.at.putLong(file.section(1) + 24, 0);
            FileContent content = FileContent.read(file.sealed());
            assertThat(content.sections().values())
                    .extracting(entries -> entries.size())
                    .containsExactly(1, 0);
            file.bytes[90 + 40] ^= 1;
            assertThatThrownBy(() -> FileContent.read(file.bytes))
                    .hasMessageContaining("block 1 of 2, of state 't': the checksum");
        }
    }

    @Test
    void read_anyByteChangedAndSealed_isRefusedOrReadAsItSays() throws IOException {
        FileContent sample = SampleFile.content();
        byte[] file = sample.write();
        int sections = sample.sections().size();
        int refused = 0;
        for (int i = 0; i < file.length; i++) {
            for (int value : new int[] {0, 1, 0x7F, 0x80, 0xFF, file[i] + 1, file[i] - 1}) {
                Crafted crafted = new Crafted(file, sections);
                crafted.bytes[i] = (byte) value;
                try {
                    FileContent.read(crafted.sealed());
                } catch (CorruptStateFileException expected) {
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(file.length);
    }

    @Test
    void read_lengthsBeyondEverything_isRefused() throws IOException {
        for (int value : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 1 << 30, 1 << 16}) {
            FileContent sample = SampleFile.content();
            byte[] file = sample.write();
            for (int i = 0; i + 4 <= file.length; i++) {
                Crafted crafted = new Crafted(file, sample.sections().size());
                crafted.at.putInt(i, value);
                try {
                    FileContent.read(crafted.sealed());
                } catch (CorruptStateFileException expected) {
                    assertThat(expected.getMessage()).startsWith("state file 'test' ");
                }
            }
        }
    }

    @Test
    void read_blockWhoseEntriesDoNotFillIt_isRefusedAgainAndAgain() throws IOException {
        Crafted file = twoBlocks();
        file.bytes[46 + 36] = 2;
        StateFileReader reader = StateFileReader.open(new ByteChannelOf(file.sealed()), "test");
        reader.verify();
        StateEntries entries = reader.entries(reader.sections().getFirst());
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(entries::next)
                    .isInstanceOf(CorruptStateFileException.class)
                    .hasMessageContaining(
                            "block 0 of 2, of state 's': its last 1 entries do not fill what is"
                                    + " left of it");
        }
        reader.close();
    }

    @Test
    void writer_closedWithoutFinish_leavesNoStateFile() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StateFileWriter writer =
                new StateFileWriter(Channels.newChannel(out), StateFileModelTest.HEADER);
        writer.begin(new StateSection("s", StateSection.Kind.VALUE, 0, "", ""));
        writer.entry(new byte[70_000], 0, 70_000, new byte[1], 0, 1);
        writer.close();
        assertThatThrownBy(() -> FileContent.read(out.toByteArray()))
                .isInstanceOf(CorruptStateFileException.class)
                .hasMessageContaining("the end is missing: it is cut off");
    }
}
