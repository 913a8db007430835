package io.aquifer.state.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.Seeds;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Channels that refuse the n-th write, for every n, and channels that take a few bytes at a time.
///
/// Goal: the refusal is passed on, after it the writer can only be closed and writes nothing, and
/// what was written is no state file. Replay with `-Daquifer.test.seed=<seed>`.
class StateFileRefusalTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void write_channelRefusesTheNthWrite_surfacesAndLeavesOnlyClose(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 4; i++) {
            FileContent content = FileContent.random(random, 600, 150_000);
            long parts = random.nextLong();
            RefusingChannel counting = new RefusingChannel(Long.MAX_VALUE, parts);
            content.writeTo(counting);
            assertThat(counting.out.toByteArray()).isEqualTo(content.write());
            for (long n = 1; n <= counting.writes; n++) {
                assertRefused(content, new RefusingChannel(n, parts));
            }
        }
    }

    private static void assertRefused(FileContent content, RefusingChannel channel)
            throws IOException {
        StateFileWriter writer = null;
        IOException refusal = null;
        try {
            writer = new StateFileWriter(channel, content.header());
            for (Map.Entry<StateSection, List<FileContent.Entry>> section :
                    content.sections().entrySet()) {
                writer.begin(section.getKey());
                for (FileContent.Entry entry : section.getValue()) {
                    FileContent.write(writer, section.getKey().kind(), entry);
                }
            }
            writer.finish();
        } catch (IOException expected) {
            refusal = expected;
        }
        assertThat(refusal).isSameAs(channel.refusal);
        long writes = channel.writes;
        if (writer != null) {
            StateFileWriter failed = writer;
            String message = "' failed before: it can only be closed";
            byte[] b = {1};
            StateSection other = new StateSection("other", StateSection.Kind.MAP, 0, "", "");
            assertThatThrownBy(() -> failed.entry(b, 0, 1, b, 0, 1)).hasMessageContaining(message);
            assertThatThrownBy(() -> failed.pageEntry(0, 8, 8)).hasMessageContaining(message);
            assertThatThrownBy(() -> failed.mapEntry(b, 0, 1, b, 0, 1, b, 0, 1))
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> failed.begin(other)).hasMessageContaining(message);
            assertThatThrownBy(failed::finish).hasMessageContaining(message);
            assertThat(channel.isOpen()).isTrue();
            failed.close();
            assertThat(channel.isOpen()).isFalse();
            failed.close();
        }
        assertThat(channel.writes).as("writes after the refusal").isEqualTo(writes);
        assertThatThrownBy(() -> FileContent.read(channel.out.toByteArray()))
                .isInstanceOf(CorruptStateFileException.class);
    }

    /// Takes some of the bytes at each write, none and an exception at the n-th.
    private static final class RefusingChannel implements WritableByteChannel {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final IOException refusal = new IOException("no space left on device");
        private final long refused;
        private final SplittableRandom random;
        private boolean open = true;
        long writes;

        RefusingChannel(long refused, long seed) {
            this.refused = refused;
            this.random = new SplittableRandom(seed);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (++writes == refused) {
                throw refusal;
            }
            int count =
                    random.nextInt(4) == 0
                            ? 1 + random.nextInt(from.remaining())
                            : from.remaining();
            byte[] taken = new byte[count];
            from.get(taken);
            out.writeBytes(taken);
            return count;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
