package io.aquifer.state.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.Seeds;
import io.aquifer.state.file.FileContent.Entry;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Random files, written and read back by both readers.
///
/// Goal: what goes in comes out, in order, whatever the sizes; the same content gives the same
/// bytes. Replay with `-Daquifer.test.seed=<seed>`.
class StateFileModelTest {
    static final StateFileHeader HEADER = new StateFileHeader("op", 1, 128, 3, 7);

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void write_smallSections_bothReadersGiveThemBack(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 300; i++) {
            assertRoundTrip(FileContent.random(random, 30, 300));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void write_manyBlocksAndLargeEntries_bothReadersGiveThemBack(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 4; i++) {
            assertRoundTrip(FileContent.random(random, 6_000, 300_000));
        }
    }

    /// Every length around the size of a block, alone and after another entry.
    @Test
    void write_entriesAroundTheSizeOfABlock_bothReadersGiveThemBack() throws IOException {
        for (Kind kind : List.of(Kind.VALUE, Kind.LIST, Kind.MAP)) {
            for (int length = 65_500; length < 65_545; length++) {
                byte[] value = new byte[length];
                byte[] mapKey = new byte[kind == Kind.MAP ? 3 : 0];
                List<Entry> entries = new ArrayList<>();
                for (byte[] key : new byte[][] {{1}, {1}, {2}, {2}}) {
                    entries.add(Entry.of(key, mapKey, new byte[0]));
                    entries.add(Entry.of(key, mapKey, value));
                }
                assertRoundTrip(
                        new FileContent(
                                HEADER, Map.of(new StateSection("s", kind, 0, "", ""), entries)));
            }
        }
    }

    @Test
    void write_noSections_bothReadersGiveTheHeader() throws IOException {
        assertRoundTrip(new FileContent(HEADER, Map.of()));
        assertRoundTrip(new FileContent(new StateFileHeader("", 0, 1, 0, 0), Map.of()));
        assertRoundTrip(
                new FileContent(new StateFileHeader("x".repeat(65_535), 0, 1, 0, 0), Map.of()));
    }

    @Test
    void write_repeatedKeys_costOneByte() throws IOException {
        StateSection list = new StateSection("s", Kind.LIST, 0, "", "");
        Entry entry = Entry.of(new byte[100], new byte[0], new byte[10]);
        int one = new FileContent(HEADER, Map.of(list, List.of(entry))).write().length;
        int two = new FileContent(HEADER, Map.of(list, List.of(entry, entry))).write().length;
        assertThat(two - one).isEqualTo(1 + 1 + 10);
    }

    static void assertRoundTrip(FileContent content) throws IOException {
        byte[] file = content.write();
        assertSame(FileContent.read(file), content);
        assertSame(PlainReader.read(file), content);
        assertThat(content.write()).isEqualTo(file);
    }

    static void assertSame(FileContent actual, FileContent expected) {
        assertThat(actual.header()).isEqualTo(expected.header());
        assertThat(List.copyOf(actual.sections().keySet()))
                .isEqualTo(List.copyOf(expected.sections().keySet()));
        expected.sections()
                .forEach(
                        (section, entries) -> {
                            if (!entries.equals(actual.sections().get(section))) {
                                throw new AssertionError("entries of " + section + " differ");
                            }
                        });
    }

    @Test
    void entry_tooLargeForTheFormat_isRefusedAndTheWriterOnlyClosable() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StateFileWriter writer =
                new StateFileWriter(Channels.newChannel(out), HEADER, 99_998)) {
            writer.begin(new StateSection("big", Kind.MAP, 0, "", ""));
            byte[] part = new byte[33_330];
            byte[] shorter = new byte[33_329];
            writer.mapEntry(part, 0, 33_330, part, 0, 33_330, shorter, 0, 33_329);
            assertThatThrownBy(
                            () ->
                                    writer.mapEntry(
                                            part, 0, 33_330, part, 0, 33_330, part, 0, 33_330))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage(
                            "cannot write an entry of 99,999 bytes of operator 'op', state 'big': a"
                                    + " state file takes up to 99,998 bytes. Divide the value into"
                                    + " several, such as the entries of a MapState.");
            assertThatThrownBy(writer::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "writing the state file of operator 'op' failed before: it can only be"
                                    + " closed");
        }
    }

    @Test
    void call_inTheWrongOrder_isRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] b = {1, 2, 3};
        StateFileWriter writer = new StateFileWriter(Channels.newChannel(out), HEADER);
        assertThatThrownBy(() -> writer.entry(b, 0, 1, b, 0, 1))
                .hasMessage("an entry of a state file came before its section");
        assertThatThrownBy(() -> writer.pageEntry(0, 8, 8))
                .hasMessage("an entry of a state file came before its section");
        writer.begin(new StateSection("m", Kind.MAP, 0, "", ""));
        assertThatThrownBy(() -> writer.entry(b, 0, 1, b, 0, 1))
                .hasMessage("a MAP section takes only entries with a map key");
        writer.begin(new StateSection("w", Kind.WINDOW_VALUE, 5, "", ""));
        assertThatThrownBy(() -> writer.mapEntry(b, 0, 1, b, 0, 1, b, 0, 1))
                .hasMessage("only a MAP section takes entries with a map key");
        assertThatThrownBy(() -> writer.entry(b, 0, 4, b, 0, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(
                        () -> writer.begin(new StateSection("w", Kind.WINDOW_VALUE, 5, "k", "v")))
                .hasMessage(
                        "the state file of operator 'op' already has the WINDOW_VALUE section 'w'"
                                + " of window 5");
        assertThatThrownBy(() -> writer.begin(new StateSection("\ud800", Kind.VALUE, 0, "", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one half of a surrogate pair");
        writer.entry(b, 0, 1, b, 1, 2);
        writer.finish();
        assertThatThrownBy(() -> writer.entry(b, 0, 1, b, 0, 1))
                .hasMessage(
                        "the state file of operator 'op' was finished before: it takes nothing"
                                + " more");
        writer.close();
        writer.close();
        assertThatThrownBy(writer::finish)
                .hasMessage(
                        "the state file of operator 'op' was closed before: it takes nothing more");
        assertThat(FileContent.read(out.toByteArray()).sections())
                .hasSize(2)
                .containsEntry(
                        new StateSection("w", Kind.WINDOW_VALUE, 5, "", ""),
                        List.of(Entry.of(new byte[] {1}, new byte[0], new byte[] {2, 3})));
    }

    @Test
    void headerOrSection_withWrongParts_isRefused() {
        assertThatThrownBy(() -> new StateFileHeader("op", 0, 128, 5, 128))
                .hasMessage("key groups 5 to 128 are no range of the 128 there are, 0 to 127");
        assertThatThrownBy(() -> new StateFileHeader("op", -1, 128, 5, 6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subtask -1");
        assertThatThrownBy(() -> new StateSection("s", Kind.LIST, 7, "", ""))
                .hasMessage("section 's' of kind LIST has no window, but was given 7");
        StateFileHeader longId = new StateFileHeader("é".repeat(32_768), 0, 1, 0, 0);
        assertThatThrownBy(
                        () ->
                                new StateFileWriter(
                                        Channels.newChannel(new ByteArrayOutputStream()), longId))
                .hasMessage(
                        "an operator id of 65,536 bytes is too long for a state file, which takes"
                                + " 65,535");
    }

    @Test
    void entries_ofASectionThatIsNotThere_isRefused() throws IOException {
        StateSection there = new StateSection("s", Kind.VALUE, 0, "", "long");
        byte[] file = new FileContent(HEADER, Map.of(there, List.of())).write();
        StateFileReader reader = StateFileReader.open(new ByteChannelOf(file), "f");
        assertThat(reader.entryCount(there)).isZero();
        assertThatThrownBy(() -> reader.entries(new StateSection("s", Kind.VALUE, 0, "", "int")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("state file 'f' has no StateSection[name=s");
        reader.close();
        byte[] many = SampleFile.content().write();
        StateFileReader closed = StateFileReader.open(new ByteChannelOf(many), "f");
        closed.close();
        assertThatThrownBy(closed::verify).isInstanceOf(ClosedChannelException.class);
    }
}
