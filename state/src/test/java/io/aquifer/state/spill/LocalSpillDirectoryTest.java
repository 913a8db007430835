package io.aquifer.state.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What real files of a [LocalSpillDirectory] hold and leave.
class LocalSpillDirectoryTest {
    @TempDir Path temporary;

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void create_inADirectoryNotThereYet_holdsWhatWasWrittenAndLeavesNothing() throws IOException {
        Path path = temporary.resolve("a/b");
        LocalSpillDirectory directory = LocalSpillDirectory.at(path);
        assertThat(directory).hasToString(path.toString());
        try (SpillFile first = directory.create();
                SpillFile second = directory.create()) {
            first.write(bytes("0123456789"), 0);
            first.write(bytes("xyz"), 4);
            second.write(bytes("other"), 1);
            ByteBuffer read = ByteBuffer.allocate(6);
            first.read(read, 2);
            assertThat(new String(read.array(), StandardCharsets.US_ASCII)).isEqualTo("23xyz7");
            assertThatThrownBy(() -> first.read(ByteBuffer.allocate(5), 8))
                    .isInstanceOf(EOFException.class)
                    .hasMessage("the file ends at byte 10, 3 bytes early; somebody has cut it");
        }
        assertThat(names(path)).isEmpty();
        SpillFile file = directory.create();
        file.close();
        file.close();
        assertThatThrownBy(() -> file.write(bytes("x"), 0))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void create_removesWhatKilledProcessesHaveLeft() throws IOException {
        long noProcess = Long.MAX_VALUE;
        String own = "aquifer-spill-" + ProcessHandle.current().pid() + "-1.tmp";
        for (String name :
                List.of(
                        "aquifer-spill-" + noProcess + "-17.tmp",
                        own,
                        "aquifer-spill-mine-1.tmp",
                        "aquifer-spill-" + noProcess + "-17.txt",
                        "letter.tmp")) {
            Files.writeString(temporary.resolve(name), "old");
        }
        LocalSpillDirectory.at(temporary).create().close();
        assertThat(names(temporary))
                .containsExactlyInAnyOrder(
                        own,
                        "aquifer-spill-mine-1.tmp",
                        "aquifer-spill-" + noProcess + "-17.txt",
                        "letter.tmp");
    }

    @Test
    void create_whereNoFileCanBe_throws() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "x");
        assertThatThrownBy(() -> LocalSpillDirectory.at(file).create())
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> LocalSpillDirectory.at(file.resolve("under")).create())
                .isInstanceOf(IOException.class);
    }
}
