package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.state.file.PlainRun;
import io.aquifer.state.file.PlainRun.PlainEntry;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// A run that was written when the format of ordered runs was fixed: it can be read for ever.
///
/// A failure here means that state on users' disks can no longer be read. Do not write the fixture
/// anew; see [SampleRun] for what a new format does.
class RunFixtureTest {
    private static byte[] fixture() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        RunFixtureTest.class.getResourceAsStream("ordered-run-v1.bin"))) {
            return in.readAllBytes();
        }
    }

    @Test
    void read_fixtureOfVersion1_givesItsEntries() throws IOException {
        try (TestRunPages pages = new TestRunPages();
                MemoryRunFiles files = new MemoryRunFiles()) {
            Run run = Run.open(files.add(fixture()), SampleRun.DESCRIPTION, pages);
            run.verify();
            assertThat(run.isChanges()).isTrue();
            assertThat(run.description()).isEqualTo(SampleRun.DESCRIPTION);
            assertThat(run.filterBytes()).isPositive();
            Check.scan(run.scan(0, -1), SampleRun.content());
            assertHasEverything(run.fences());
            run.release();
        }
    }

    private static void assertHasEverything(Fences fences) {
        int tails = 0;
        int cut = 0;
        int mostEntries = 0;
        boolean ascending = true;
        for (int i = 0; i < fences.count(); i++) {
            tails += fences.hasTail(i) ? 1 : 0;
            cut += fences.isCut(i) ? 1 : 0;
            mostEntries = Math.max(mostEntries, fences.entries(i));
            ascending &= i == 0 || fences.offset(i - 1) < fences.offset(i);
        }
        assertThat(tails).as("fences with a tail").isGreaterThan(cut + 2);
        assertThat(cut).as("fences with a tail that is cut").isEqualTo(2);
        assertThat(mostEntries).as("entries of a block with two anchors").isGreaterThan(32);
        assertThat(ascending).as("ranges in order").isFalse();
    }

    @Test
    void readPlainly_fixtureOfVersion1_givesItsEntries() throws IOException {
        PlainRun plain = PlainRun.read(fixture());
        Content content = new Content();
        for (PlainEntry entry : plain.entries()) {
            content.put(
                    new Key(entry.routing(), entry.kind(), entry.key()),
                    new Change(EntryOp.values()[entry.op()], entry.value()));
        }
        assertThat(plain.changes()).isTrue();
        assertThat(plain.filterLines()).isPositive();
        assertThat(plain.entryBlocks()).isEqualTo(20);
        assertThat(content).hasSameSizeAs(SampleRun.content());
        SampleRun.content()
                .forEach(
                        (key, change) ->
                                assertThat(content.get(key))
                                        .matches(read -> read.isSameAs(change), key.toString()));
    }

    /// As long as this format is what is written.
    @Test
    void write_contentOfTheFixture_givesItsBytes() throws IOException {
        assertThat(SampleRun.write()).isEqualTo(fixture());
    }
}
