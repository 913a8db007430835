package io.aquifer.state.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.Seeds;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Files that are not what was written.
///
/// Goal: whatever bit is wrong and wherever a file ends, reading it throws a
/// [CorruptStateFileException] that names the file, and nothing else; nothing wrong is ever read.
class StateFileDamageTest {
    /// Reads all and expects the refusal.
    private static String refusal(byte[] file) {
        try {
            FileContent.read(file);
        } catch (CorruptStateFileException expected) {
            assertThat(expected.getMessage()).startsWith("state file 'test' ");
            readEntriesOnly(file);
            return String.valueOf(expected.getMessage());
        } catch (IOException other) {
            throw new AssertionError(other);
        }
        throw new AssertionError("damage was not noticed");
    }

    /// Without [StateFileReader#verify] before, the cursors must notice it too.
    private static void readEntriesOnly(byte[] file) {
        try (StateFileReader reader = StateFileReader.open(new ByteChannelOf(file), "test")) {
            for (StateSection section : reader.sections()) {
                StateEntries entries = reader.entries(section);
                readToEndOrTwice(entries);
            }
        } catch (CorruptStateFileException expected) {
            return;
        } catch (IOException other) {
            throw new AssertionError(other);
        }
        throw new AssertionError("damage was not noticed");
    }

    private static void readToEndOrTwice(StateEntries entries) throws IOException {
        try {
            while (entries.next()) {
                assertThat(entries.valueOffset() + entries.valueLength())
                        .isLessThanOrEqualTo(entries.buffer().length);
            }
        } catch (CorruptStateFileException first) {
            assertThatThrownBy(entries::next).isInstanceOf(CorruptStateFileException.class);
            throw first;
        }
    }

    @Test
    void read_anyBitFlipped_isRefused() throws IOException {
        byte[] file = SampleFile.content().write();
        for (int at = 0; at < file.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                file[at] ^= (byte) (1 << bit);
                refusal(file);
                file[at] ^= (byte) (1 << bit);
            }
        }
        FileContent.read(file);
    }

    @Test
    void read_anyByteSetToZeroOrOnes_isRefused() throws IOException {
        byte[] file = SampleFile.content().write();
        for (int at = 0; at < file.length; at++) {
            byte before = file[at];
            for (byte other : new byte[] {0, 1, 0x7F, -128, -1}) {
                if (other != before) {
                    file[at] = other;
                    refusal(file);
                }
            }
            file[at] = before;
        }
    }

    @Test
    void read_cutOffAnywhere_isRefused() throws IOException {
        byte[] file = SampleFile.content().write();
        for (int length = 0; length < file.length; length++) {
            assertThat(refusal(Arrays.copyOf(file, length)))
                    .contains("is damaged at byte")
                    .contains("it is cut off");
        }
    }

    @Test
    void read_bytesAppendedOrMissingInFront_isRefused() throws IOException {
        byte[] file = SampleFile.content().write();
        for (int extra = 1; extra < 200; extra++) {
            refusal(Arrays.copyOf(file, file.length + extra));
            refusal(Arrays.copyOfRange(file, extra, file.length));
            // What was appended ends like a file.
            byte[] twice = Arrays.copyOf(file, file.length + extra);
            System.arraycopy(file, file.length - extra, twice, file.length, extra);
            refusal(twice);
        }
        byte[] both = Arrays.copyOf(file, 2 * file.length);
        System.arraycopy(file, 0, both, file.length, file.length);
        refusal(both);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void read_largeFileDamaged_isRefused(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        FileContent content = FileContent.random(random, 4_000, 200_000);
        byte[] file = content.write();
        for (int i = 0; i < 40; i++) {
            byte[] damaged = file.clone();
            int at = random.nextInt(file.length);
            int length = 1 + random.nextInt(Math.min(file.length - at, 1 << random.nextInt(20)));
            for (int j = at; j < at + length; j++) {
                damaged[j] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 0);
            }
            if (!Arrays.equals(damaged, file)) {
                refusal(damaged);
            }
            refusal(Arrays.copyOf(file, random.nextInt(file.length)));
        }
    }

    /// A disk that lost the middle of a file keeps its length.
    @Test
    void read_blockOfAnotherFile_isRefused() throws IOException {
        byte[] one = TwoBlocks.file((byte) 1);
        byte[] other = TwoBlocks.file((byte) 2);
        byte[] mixed = one.clone();
        System.arraycopy(other, TwoBlocks.FIRST, mixed, TwoBlocks.FIRST, TwoBlocks.BLOCK);
        assertThat(refusal(mixed))
                .startsWith(
                        "state file 'test' is damaged at byte 46: block 0 of 2, of state 's': the"
                                + " checksum of its 44 bytes is 0x");
        byte[] swapped = one.clone();
        System.arraycopy(
                one, TwoBlocks.FIRST, swapped, TwoBlocks.FIRST + TwoBlocks.BLOCK, TwoBlocks.BLOCK);
        assertThat(refusal(swapped)).contains("at byte 90: block 1 of 2, of state 't'");
    }

    @Test
    void read_somethingElse_isRefusedWithAReason() {
        assertThat(refusal(new byte[0]))
                .isEqualTo(
                        "state file 'test' is damaged at byte 0: it is cut off, or no state file");
        assertThat(refusal(new byte[10_000]))
                .isEqualTo(
                        "state file 'test' is damaged at byte 0: no state file begins like"
                                + " this");
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000; i++) {
            byte[] noise = new byte[random.nextInt(500)];
            random.nextBytes(noise);
            refusal(noise);
        }
    }

    @Test
    void read_fileThatShrinksWhileOpen_isRefused() throws IOException {
        byte[] file = SampleFile.content().write();
        ByteChannelOf channel = new ByteChannelOf(file);
        try (StateFileReader reader = StateFileReader.open(channel, "test")) {
            channel.cutAt(70);
            assertThatThrownBy(reader::verify)
                    .isInstanceOf(CorruptStateFileException.class)
                    .hasMessageContaining(
                            "at byte 70: the file had %,d bytes when it was opened and ends here"
                                            .formatted(file.length)
                                    + " now");
        }
    }

    /// Two sections with a block of 44 bytes each.
    static final class TwoBlocks {
        static final int FIRST = 46;
        static final int BLOCK = 44;

        private TwoBlocks() {}

        static byte[] file(byte value) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (StateFileWriter writer =
                    new StateFileWriter(Channels.newChannel(out), StateFileModelTest.HEADER)) {
                byte[] bytes = {value, value, value};
                for (String name : new String[] {"s", "t"}) {
                    writer.begin(new StateSection(name, StateSection.Kind.VALUE, 0, "", "long"));
                    writer.entry(bytes, 0, 3, bytes, 0, 3);
                }
                writer.finish();
            }
            return out.toByteArray();
        }
    }
}
