package io.aquifer.state.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// A file that was written when format version 1 was fixed: it can be read for ever.
///
/// A failure here means that state on users' disks can no longer be read. Do not write the fixture
/// anew; see [SampleFile] for what a new version does.
class StateFileFixtureTest {
    private static byte[] fixture() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        StateFileFixtureTest.class.getResourceAsStream("state-file-v1.bin"))) {
            return in.readAllBytes();
        }
    }

    @Test
    void read_fixtureOfVersion1_givesItsEntries() throws IOException {
        StateFileModelTest.assertSame(FileContent.read(fixture()), SampleFile.content());
    }

    @Test
    void readPlainly_fixtureOfVersion1_givesItsEntries() throws IOException {
        StateFileModelTest.assertSame(PlainReader.read(fixture()), SampleFile.content());
    }

    /// As long as version 1 is what is written.
    @Test
    void write_contentOfTheFixture_givesItsBytes() throws IOException {
        assertThat(SampleFile.content().write()).isEqualTo(fixture());
    }
}
