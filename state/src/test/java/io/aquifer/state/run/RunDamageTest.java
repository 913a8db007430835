package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.Seeds;
import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.run.Model.Content;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Runs that are not what was written.
///
/// Goal: whatever bit is wrong, wherever a file ends and whatever the disk pretended to write, a
/// [CorruptStateFileException] names the file, or what is read is right; and nothing is held after.
class RunDamageTest {
    private static final Content CONTENT = SampleRun.content();

    /// What a test has for all its files; nothing of it is held between two.
    private static final class Bench implements AutoCloseable {
        final TestRunPages pages = new TestRunPages();
        final MemoryRunFiles files = new MemoryRunFiles();

        /// Opens a file and reads all of it in every way.
        ///
        /// @return the refusal, or an empty text if everything was right
        String refusal(byte[] bytes, Content expected, RunDescription description)
                throws IOException {
            String refusal = "";
            try {
                Run run = Run.open(files.add(bytes), description, pages);
                try {
                    readAll(run, expected);
                } finally {
                    run.release();
                }
            } catch (CorruptStateFileException refused) {
                refusal = String.valueOf(refused.getMessage());
                assertThat(refusal).startsWith("state file 'run-").contains(" byte ");
            }
            files.close();
            assertThat(pages.held()).as("pages held").isZero();
            return refusal;
        }

        /// What lookups and scans do not notice did no harm, but verifying does.
        private static void readAll(Run run, Content expected) throws IOException {
            CorruptStateFileException refusal = refusal(() -> findAll(run, expected));
            CorruptStateFileException ofScan = refusal(() -> Check.scan(run.scan(0, -1), expected));
            CorruptStateFileException ofVerifying = refusal(run::verify);
            if (ofVerifying != null) {
                throw ofVerifying;
            }
            assertThat(refusal).as("refusal of a lookup").isNull();
            assertThat(ofScan).as("refusal of a scan").isNull();
        }

        private static @Nullable CorruptStateFileException refusal(Reading reading)
                throws IOException {
            try {
                reading.read();
                return null;
            } catch (CorruptStateFileException refused) {
                return refused;
            }
        }

        private interface Reading {
            void read() throws IOException;
        }

        String refusalOfSample(byte[] file) throws IOException {
            return refusal(file, CONTENT, SampleRun.DESCRIPTION);
        }

        @Override
        public void close() {
            files.close();
            pages.close();
        }
    }

    private static void findAll(Run run, Content expected) throws IOException {
        BlockBuffer buffer = new BlockBuffer();
        ByteSlot slot = new ByteSlot();
        for (Key key : expected.keySet()) {
            byte[] bytes = key.bytes();
            Found found = run.find(key.routing(), key.kind(), bytes, 0, bytes.length, buffer, slot);
            Check.found(key, found, slot, expected.get(key));
        }
    }

    @Test
    void read_anyBitFlippedInASmallFile_isRefused() throws IOException {
        try (Bench bench = new Bench()) {
            Generator generator = new Generator(new SplittableRandom(3), 12, 40);
            Content content = generator.content(12, true);
            MemoryRunFiles.MemoryFile written = bench.files.add(new byte[0]);
            RunOptions options = new RunOptions(100, 4096, 10, 12);
            generator.write(written, content, true, options, bench.pages);
            byte[] file = written.content();
            written.release();
            for (int at = 0; at < file.length; at++) {
                for (int bit = 0; bit < 8; bit++) {
                    file[at] ^= (byte) (1 << bit);
                    assertThat(bench.refusal(file, content, generator.description)).isNotEmpty();
                    file[at] ^= (byte) (1 << bit);
                }
            }
            assertThat(bench.refusal(file, content, generator.description)).isEmpty();
        }
    }

    @Test
    void read_aBitFlippedInAnyByteOfTheSample_isRefused() throws IOException {
        byte[] file = SampleRun.write();
        try (Bench bench = new Bench()) {
            for (int at = 0; at < file.length; at++) {
                int mask = 1 << (at * 5 + at / 8) % 8;
                file[at] ^= (byte) mask;
                assertThat(bench.refusalOfSample(file)).isNotEmpty();
                file[at] ^= (byte) mask;
            }
            assertThat(bench.refusalOfSample(file)).isEmpty();
        }
    }

    @Test
    void read_cutOffAnywhereOrAddedTo_isRefused() throws IOException {
        byte[] file = SampleRun.write();
        try (Bench bench = new Bench()) {
            for (int length = 0; length < file.length; length++) {
                assertThat(bench.refusalOfSample(Arrays.copyOf(file, length)))
                        .contains("is damaged at byte")
                        .contains("it is cut off");
            }
            for (int extra = 1; extra < 100; extra++) {
                byte[] longer = Arrays.copyOf(file, file.length + extra);
                assertThat(bench.refusalOfSample(longer)).isNotEmpty();
                System.arraycopy(file, file.length - extra, longer, file.length, extra);
                assertThat(bench.refusalOfSample(longer)).isNotEmpty();
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void read_largeFileDamaged_isRefusedOrRight(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        try (Bench bench = new Bench()) {
            for (int round = 0; round < 3; round++) {
                Generator generator = new Generator(random.split(), 3000, 600_000);
                Content content = generator.content(3000, true);
                MemoryRunFiles.MemoryFile file = bench.files.add(new byte[0]);
                RunOptions options = generator.options(content.size());
                generator.write(file, content, true, options, bench.pages);
                byte[] bytes = file.content();
                file.release();
                for (int i = 0; i < 20; i++) {
                    byte[] damaged = bytes.clone();
                    int at = random.nextInt(bytes.length);
                    int count = 1 + random.nextInt(Math.min(5000, bytes.length - at));
                    if (random.nextBoolean()) {
                        Arrays.fill(damaged, at, at + count, (byte) 0);
                    } else {
                        int from = random.nextInt(bytes.length - count + 1);
                        System.arraycopy(bytes, from, damaged, at, count);
                    }
                    String refusal = bench.refusal(damaged, content, generator.description);
                    assertThat(refusal.isEmpty()).isEqualTo(Arrays.equals(bytes, damaged));
                }
            }
        }
    }

    /// A disk that says it wrote what it did not.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void read_writeForgottenTornMisdirectedOrReordered_isRefusedOrRight(long seed)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        try (Bench bench = new Bench()) {
            for (MemoryRunFiles.Lie lie : MemoryRunFiles.Lie.values()) {
                for (int nth = 1; nth < 25; nth++) {
                    Generator generator = new Generator(random.split(), 500, 20_000);
                    Content content = generator.content(500, true);
                    MemoryRunFiles.MemoryFile file = bench.files.add(new byte[0]);
                    RunOptions options = new RunOptions(512, 4096, 10, 500);
                    bench.files.lie(nth, lie);
                    generator.write(file, content, true, options, bench.pages);
                    byte[] bytes = file.content();
                    file.release();
                    if (!bench.refusal(bytes, content, generator.description).isEmpty()) {
                        refused++;
                    }
                }
            }
        }
        assertThat(refused).as("lies that did harm").isGreaterThan(40);
    }

    /// The file is changed after it was opened.
    @Test
    void find_blockChangedBehindAnOpenRun_isRefusedAndOthersAreFound() throws IOException {
        byte[] file = SampleRun.write();
        try (Bench bench = new Bench()) {
            MemoryRunFiles.MemoryFile open = bench.files.add(file.clone());
            Run run = Run.open(open, SampleRun.DESCRIPTION, bench.pages);
            int block = (int) run.fences().offset(3);
            byte[] changed = file.clone();
            changed[block + 50] ^= 4;
            open.content(changed);
            int refused = 0;
            for (Key key : CONTENT.keySet()) {
                ByteSlot slot = new ByteSlot();
                byte[] bytes = key.bytes();
                try {
                    Found found =
                            run.find(
                                    key.routing(),
                                    key.kind(),
                                    bytes,
                                    0,
                                    bytes.length,
                                    new BlockBuffer(),
                                    slot);
                    Check.found(key, found, slot, CONTENT.get(key));
                } catch (CorruptStateFileException damaged) {
                    refused++;
                    assertThat(damaged.getMessage())
                            .matches(
                                    "state file '%s' is damaged at byte %,d: block 3 of %d, of state 'by day': the checksum of its [0-9,]+ bytes is 0x[0-9a-f]{8} and was 0x[0-9a-f]{8}"
                                            .formatted(open.name(), block, run.blocks()));
                }
            }
            assertThat(refused).isEqualTo(run.fences().entries(3)).isPositive();
            assertThatThrownBy(run::verify).isInstanceOf(CorruptStateFileException.class);

            open.content(Arrays.copyOf(file, block + 10));
            assertThatThrownBy(() -> Check.scan(run.scan(0, -1), CONTENT))
                    .isInstanceOf(CorruptStateFileException.class)
                    .hasMessageContaining(
                            "the file had %,d bytes when it was opened and ends here now"
                                    .formatted(file.length));
            run.release();
        }
    }

    /// Whoever goes on after a refusal is refused again; once the block is right, the scan goes on
    /// where it was.
    @Test
    void next_afterARefusal_isRefusedAgainAndNeverPassesTheBlockOver() throws IOException {
        byte[] file = SampleRun.write();
        try (Bench bench = new Bench()) {
            MemoryRunFiles.MemoryFile open = bench.files.add(file.clone());
            Run run = Run.open(open, SampleRun.DESCRIPTION, bench.pages);
            byte[] changed = file.clone();
            changed[(int) run.fences().offset(3) + 50] ^= 4;
            open.content(changed);
            try (RunScan scan = run.scan(0, -1)) {
                int entries = 0;
                for (int i = 0; i < 3; i++) {
                    entries += run.fences().entries(i);
                }
                for (int i = 0; i < entries; i++) {
                    assertThat(scan.next()).isTrue();
                }
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(scan::next).isInstanceOf(CorruptStateFileException.class);
                }
                open.content(file);
                int left = 0;
                while (scan.next()) {
                    left++;
                }
                assertThat(entries + left).isEqualTo(CONTENT.size());
            }
            run.release();
        }
    }
}
