package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.Model.Content;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;

/// Files whose checksums all fit but that say what this version does not know, or nonsense, or that
/// are of somebody else.
///
/// Goal: the unknown is refused by name; nonsense throws a [CorruptStateFileException] or is read
/// as what it says, and never anything else; nothing is held.
class RunUnknownTest {
    private static final Content CONTENT = SampleRun.content();

    private final TestRunPages pages = new TestRunPages();
    private final MemoryRunFiles files = new MemoryRunFiles();

    @AfterEach
    void nothingIsHeld() {
        files.close();
        pages.close();
    }

    private Run open(byte[] file) throws IOException {
        return Run.open(files.add(file), SampleRun.DESCRIPTION, pages);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] file) {
        return assertThatThrownBy(() -> open(file));
    }

    private void assertUnknown(CraftedRun file, String what) {
        assertRefused(file.sealed())
                .isInstanceOf(CorruptStateFileException.class)
                .message()
                .matches(
                        "state file 'run-\\d+' needs a newer version of Aquifer: "
                                + what
                                + ", which this version cannot read.");
    }

    private static CraftedRun sample() throws IOException {
        return new CraftedRun(SampleRun.write());
    }

    @Test
    void open_unknownFlagsKindsOrCodecs_isRefusedByName() throws IOException {
        CraftedRun file = sample();
        file.bytes[16] = 3;
        assertUnknown(file, "header flags 0x00000003 at byte 16");
        file = sample();
        file.putHeader(1, 28, 3);
        assertUnknown(file, "body kind 3 in block 1 of 22, of run state 'by day' at byte [0-9]+");
        file = sample();
        file.putHeader(1, 28, 1);
        assertUnknown(file, "body kind 1 in block 1 of 22, of run state 'by day' at byte [0-9]+");
        file = sample();
        file.putHeader(2, 29, 1);
        assertUnknown(file, "codec 1 in block 2 of 22, of run state 'by day' at byte [0-9]+");
        file = sample();
        file.putHeader(3, 30, 0);
        assertUnknown(
                file, "block flags 0x0000 in block 3 of 22, of run state 'by day' at byte [0-9]+");
        file = sample();
        file.bytes[16] = 0;
        assertUnknown(
                file, "block flags 0x0001 in block 0 of 22, of run state 'by day' at byte [0-9]+");
    }

    /// A filter by a hash that is not known is done without.
    @Test
    void open_filterOfAnotherHash_isOpenedWithoutFilter() throws IOException {
        CraftedRun file = sample();
        file.bytes[file.offsets.get(file.firstOf(129)) + 36 + 20] = 2;
        Run run = open(file.sealed());
        assertThat(run.filterBytes()).isZero();
        Check.scan(run.scan(0, -1), CONTENT);
        run.release();
    }

    /// Other blocks that only help to find entries are passed over.
    @Test
    void open_unknownAuxiliaryBlock_isPassedOver() throws IOException {
        for (int kind = 130; kind < 256; kind++) {
            CraftedRun file = sample();
            int filter = file.firstOf(129);
            file.putHeader(filter, 28, kind);
            file.putHeader(filter, 29, 77);
            file.putHeader(filter, 31, 1);
            Run run = open(file.sealed());
            assertThat(run.filterBytes()).isZero();
            Check.scan(run.scan(0, -1), CONTENT);
            run.verify();
            run.release();
        }
    }

    @Test
    void open_fencesMissingOrOfOtherBlocks_isRefused() throws IOException {
        CraftedRun file = sample();
        file.putHeader(file.firstOf(128), 28, 131);
        assertRefused(file.sealed())
                .hasMessageContaining("its fences are not those of its 20 blocks");
        file = sample();
        int fences = file.offsets.get(file.firstOf(128)) + 36;
        file.bytes[fences] = 1;
        assertRefused(file.sealed()).hasMessageContaining("these are not fences from number 0 on");
        file = sample();
        file.bytes[fences + 24 + 8] += 1;
        assertRefused(file.sealed())
                .hasMessageContaining("its fences are not those of its 20 blocks");
        file = sample();
        file.bytes[fences + 24 + 7] = (byte) 0xFF;
        assertRefused(file.sealed()).hasMessageContaining("fence 1 is less than the one before");
    }

    @Test
    void open_stateFileThatIsNoRun_isRefusedByName() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StateSection section = SampleRun.DESCRIPTION.section();
        try (StateFileWriter writer =
                new StateFileWriter(Channels.newChannel(out), SampleRun.DESCRIPTION.header())) {
            writer.begin(section);
            writer.mapEntry(new byte[1], 0, 1, new byte[1], 0, 1, new byte[1], 0, 1);
            writer.finish();
        }
        assertRefused(out.toByteArray())
                .isInstanceOf(CorruptStateFileException.class)
                .hasMessageContaining("body kind 1 in block 0 of 1, of run state 'by day'");
    }

    @Test
    void open_runOfAnotherStateOrOperator_isRefusedExplained() throws IOException {
        RunDescription other =
                new RunDescription(
                        new StateFileHeader("max", 0, 256, 0, 255),
                        new StateSection("count", StateSection.Kind.VALUE, 0, "", "int"),
                        8);
        assertThatThrownBy(() -> Run.open(files.add(SampleRun.write()), other, pages))
                .isInstanceOf(IOException.class)
                .message()
                .matches(
                        "run 'run-\\d+' is of operator 'sum-é' with max parallelism 128 and holds"
                            + " StateSection\\[name=by day, kind=MAP, window=0, keyType=string,"
                            + " valueType=long\\], where operator 'max' with max parallelism 256"
                            + " looks for StateSection\\[name=count, kind=VALUE, window=0,"
                            + " keyType=, valueType=int\\]");
    }

    /// As long as nobody relies on it but by mistake: the blocks say with how many bits they were
    /// written.
    @Test
    void find_otherKeyGroupBits_isRefused() throws IOException {
        RunDescription other =
                new RunDescription(
                        SampleRun.DESCRIPTION.header(), SampleRun.DESCRIPTION.section(), 8);
        Run run = Run.open(files.add(SampleRun.write()), other, pages);
        try (RunScan scan = run.scan(0, -1)) {
            assertThatThrownBy(scan::next)
                    .isInstanceOf(CorruptStateFileException.class)
                    .hasMessageContaining("its header is not what its fence says");
        }
        run.release();
    }

    @Test
    void read_anyByteChangedAndSealed_isRefusedOrReadAsItSays() throws IOException {
        byte[] file = SampleRun.write();
        int refused = 0;
        int read = 0;
        for (int i = 0; i < file.length; i++) {
            for (int value : new int[] {0xFF, file[i] + 1}) {
                CraftedRun crafted = new CraftedRun(file);
                crafted.bytes[i] = (byte) value;
                if (isRead(crafted.sealed())) {
                    read++;
                } else {
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(file.length / 3);
        assertThat(read).isGreaterThan(file.length / 3);
    }

    @Test
    void read_lengthsBeyondEverything_isRefusedOrReadAsItSays() throws IOException {
        byte[] file = SampleRun.write();
        for (int value : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 20}) {
            for (int i = 0; i + 4 <= file.length; i += 4) {
                CraftedRun crafted = new CraftedRun(file);
                crafted.at.putInt(i, value);
                isRead(crafted.sealed());
            }
        }
    }

    /// Reads all, if it is not refused.
    private boolean isRead(byte[] file) throws IOException {
        try {
            Run run = open(file);
            try {
                readAll(run);
                return true;
            } finally {
                run.release();
            }
        } catch (CorruptStateFileException expected) {
            assertThat(expected.getMessage()).startsWith("state file 'run-");
            return false;
        } catch (IOException ofSomebodyElse) {
            assertThat(ofSomebodyElse.getMessage()).contains("is of operator");
            return false;
        } finally {
            files.close();
            assertThat(pages.held()).isZero();
        }
    }

    private static void readAll(Run run) throws IOException {
        run.verify();
        ByteSlot slot = new ByteSlot();
        try (RunScan scan = run.scan(0, -1)) {
            while (scan.next()) {
                scan.readValue(slot);
            }
        }
        BlockBuffer buffer = new BlockBuffer();
        for (Key key : CONTENT.keySet()) {
            run.find(key.routing(), key.kind(), key.bytes(), 0, key.bytes().length, buffer, slot);
        }
    }
}
