package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

class ScreenTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void block_offATerminal_writesNothing() {
        Screen screen = new Screen(out, 0, true);
        screen.block(List.of("a", "b"));
        screen.line(screen.bold("kept"));
        assertThat(text()).isEqualTo("kept\n");
    }

    @Test
    void block_drawnTwice_takesTheFirstAwayAndCutsToTheWidth() {
        Screen screen = new Screen(out, 6, true);
        screen.block(List.of("one", "a longer line"));
        screen.block(List.of(screen.bold("a longer line")));
        assertThat(text())
                .isEqualTo("one\na lon\u001b[0m\n\u001b[2A\r\u001b[J\u001b[1ma lon\u001b[0m\n");
    }

    @Test
    void jobOutput_whileABlockStands_takesItAwayFirst() {
        Screen screen = new Screen(out, 80, false);
        screen.block(List.of("block"));
        PrintStream job = screen.jobOutput();
        job.print("row\n");
        job.flush();
        assertThat(text()).isEqualTo("block\n\u001b[1A\r\u001b[Jrow\n");
    }

    @Test
    void of_noColorOrDumbTerminal_hasNoColour() {
        assertThat(Screen.of(out, Map.of("NO_COLOR", "1")).bold("x")).isEqualTo("x");
        assertThat(Screen.of(out, Map.of("TERM", "dumb")).warn("x")).isEqualTo("x");
        assertThat(new Screen(out, 80, true).bold("x")).isNotEqualTo("x");
    }

    @Test
    void shortCount_anySize_hasThreeDigits() {
        assertThat(Sizes.shortCount(999)).isEqualTo("999");
        assertThat(Sizes.shortCount(1_240_000)).isEqualTo("1.24M");
        assertThat(Sizes.shortCount(14_900_000)).isEqualTo("14.9M");
        assertThat(Sizes.shortCount(999_900)).isEqualTo("1.00M");
        assertThat(Sizes.flag(256 * Sizes.MIB)).isEqualTo("256m");
        assertThat(Sizes.flag(2 * Sizes.GIB)).isEqualTo("2g");
        assertThat(Sizes.flag(1_000)).isEqualTo("1000");
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
