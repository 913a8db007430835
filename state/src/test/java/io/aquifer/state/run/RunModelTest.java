package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.Seeds;
import io.aquifer.state.file.PlainRun;
import io.aquifer.state.file.PlainRun.PlainEntry;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.util.SplittableRandom;

/// One run with random entries, written in all ways, against a map.
///
/// Goal: every entry is found and scanned as it was written, nothing else is, and a second reader
/// made from the document alone sees the same.
class RunModelTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void write_smallEntries_allReadersGiveThemBack(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 60; i++) {
            int keys = 1 + random.nextInt(1 << random.nextInt(11));
            writeAndRead(random.split(), keys, 3000);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void write_manyAndLargeEntries_allReadersGiveThemBack(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        writeAndRead(random.split(), 20_000, 20_000);
        writeAndRead(random.split(), 300, 5_000_000);
    }

    private static void writeAndRead(SplittableRandom random, int keys, int largest)
            throws IOException {
        Generator generator = new Generator(random, keys, largest);
        boolean changes = random.nextBoolean();
        Content content = generator.content(random.nextInt(8) == 0 ? 0 : 2 * keys, changes);
        try (TestRunPages pages = new TestRunPages();
                MemoryRunFiles files = new MemoryRunFiles()) {
            files.partMax(1 + random.nextInt(1 << random.nextInt(21)));
            MemoryRunFiles.MemoryFile file = files.add(new byte[0]);
            generator.write(file, content, changes, generator.options(content.size()), pages);
            assertThat(pages.held()).as("pages held after writing").isZero();
            assertPlain(PlainRun.read(file.content()), content, changes, generator.description);

            Run run = Run.open(file, generator.description, pages);
            assertThat(run.heldBytes()).isEqualTo((long) pages.held() * RunPages.PAGE_BYTES);
            assertDescribed(run, content, changes, generator.description);
            run.verify();
            findAll(run, generator, content);
            scanParts(run, random, content);
            run.release();
        }
    }

    private static void assertDescribed(
            Run run, Content content, boolean changes, RunDescription description)
            throws IOException {
        assertThat(run.description()).isEqualTo(description);
        assertThat(run.isChanges()).isEqualTo(changes);
        assertThat(run.entries()).isEqualTo(content.size());
        assertThat(run.bytes()).isEqualTo(run.file().length());
        if (content.isEmpty()) {
            assertThat(run.blocks()).isZero();
            assertThat(run.lastRouting()).isZero();
            assertThat(run.firstRouting()).isEqualTo(-1);
        } else {
            assertThat(run.firstRouting()).isEqualTo(content.firstKey().routing());
            assertThat(run.lastRouting()).isEqualTo(content.lastKey().routing());
            long all = run.bytesBetween(0, -1);
            assertThat(all).isBetween(content.size() * 2L, run.bytes());
            assertThat(run.bytesBetween(content.lastKey().routing(), -1))
                    .isPositive()
                    .isLessThanOrEqualTo(all);
        }
    }

    private static void findAll(Run run, Generator generator, Content content) throws IOException {
        BlockBuffer buffer = new BlockBuffer();
        ByteSlot slot = new ByteSlot();
        for (Key key : content.keySet()) {
            find(run, key, buffer, slot, content.get(key));
        }
        for (int i = 0; i < content.size() + 20; i++) {
            Key key = generator.key();
            find(run, key, buffer, slot, content.get(key));
        }
        for (int i = 0; i < 20; i++) {
            Key key =
                    new Key(generator.random.nextLong(), generator.random.nextInt(4), new byte[0]);
            find(run, key, buffer, slot, content.get(key));
        }
    }

    private static void find(Run run, Key key, BlockBuffer buffer, ByteSlot slot, Change expected)
            throws IOException {
        byte[] bytes = key.bytes();
        Found found = run.find(key.routing(), key.kind(), bytes, 0, bytes.length, buffer, slot);
        Check.found(key, found, slot, expected);
        if (expected != null) {
            assertThat(run.mayContain(key.routing(), key.kind(), bytes, 0, bytes.length))
                    .as("a key that is there")
                    .isTrue();
        }
    }

    private static void scanParts(Run run, SplittableRandom random, Content content)
            throws IOException {
        Check.scan(run.scan(0, -1), content);
        for (int i = 0; i < 5; i++) {
            long first = random.nextLong();
            long last = random.nextLong();
            if (!content.isEmpty() && random.nextBoolean()) {
                first = content.firstKey().routing() + random.nextInt(3) - 1;
                last = random.nextBoolean() ? first : content.lastKey().routing();
            }
            if (Long.compareUnsigned(first, last) <= 0) {
                Check.scan(run.scan(first, last), Check.between(content, first, last));
            } else {
                Check.scan(run.scan(first, last), new Content());
            }
        }
    }

    private static void assertPlain(
            PlainRun plain, Content content, boolean changes, RunDescription description) {
        assertThat(plain.header()).isEqualTo(description.header());
        assertThat(plain.section()).isEqualTo(description.section());
        assertThat(plain.changes()).isEqualTo(changes);
        assertThat(plain.entries()).hasSize(content.size());
        if (!content.isEmpty()) {
            assertThat(plain.keyGroupBits()).isEqualTo(description.keyGroupBits());
        }
        for (PlainEntry entry : plain.entries()) {
            Key key = new Key(entry.routing(), entry.kind(), entry.key());
            Change change = new Change(EntryOp.values()[entry.op()], entry.value());
            Change expected = content.get(key);
            if (expected == null || !change.isSameAs(expected)) {
                throw new AssertionError("plainly read: " + key + "=" + change);
            }
        }
    }
}
