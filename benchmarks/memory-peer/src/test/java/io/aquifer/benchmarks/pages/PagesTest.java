package io.aquifer.benchmarks.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

/// The parts of the pages benchmark that are not JMH's.
class PagesTest {
    @Test
    void rings_offeredUntilFull_giveBackInOrder() {
        AddressRing addresses = new AddressRing(4);
        ObjectRing<String> objects = new ObjectRing<>(4);
        for (int round = 0; round < 3; round++) {
            for (int i = 1; i <= 4; i++) {
                assertThat(addresses.offer(i)).isTrue();
                assertThat(objects.offer("page " + i)).isTrue();
            }
            assertThat(addresses.offer(5)).isFalse();
            assertThat(objects.offer("page 5")).isFalse();
            for (int i = 1; i <= 4; i++) {
                assertThat(addresses.poll()).isEqualTo(i);
                assertThat(objects.poll()).isEqualTo("page " + i);
            }
            assertThat(addresses.poll()).isZero();
            assertThat(objects.poll()).isNull();
        }
    }

    @Test
    void table_contenders_haveMediansExtremesRatiosAndRates() {
        PagesTable table = new PagesTable();
        table.add(Pattern.HAND_OVER, 4, Contender.NETTY_POOLED, List.of(80.0, 120.0, 100.0));
        table.add(Pattern.HAND_OVER, 4, Contender.AQUIFER, List.of(20.0));
        table.add(Pattern.HAND_OVER, 4, Contender.AQUIFER, List.of(10.0, 90.0));
        table.add(Pattern.SAME_THREAD, 1, Contender.NONE, List.of(1.0));
        assertThat(table.toString().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "pattern threads contender ns a pair: median (min - max) M pairs/s, all x"
                                + " aquifer",
                        "same 1 none 1.0 (1.0 - 1.0) 1000.00 -",
                        "hand-over 4 aquifer 20.0 (10.0 - 90.0) 100.00 1.00",
                        "hand-over 4 netty-pooled 100.0 (80.0 - 120.0) 20.00 5.00");
    }

    @Test
    void options_badOnes_areNamed() {
        assertThatThrownBy(() -> PagesOptions.parse(List.of("--contenders", "jemalloc")))
                .hasMessageStartingWith("there is no contender 'jemalloc'; there are [aquifer,");
        assertThatThrownBy(() -> PagesOptions.parse(List.of("--patterns", "fifo")))
                .hasMessage("there is no pattern 'fifo'; there are [same, hand-over, live-set]");
        assertThatThrownBy(() -> PagesOptions.parse(List.of("--threads", "9")))
                .hasMessage("--threads are at most 8, not 9");
        assertThatThrownBy(() -> PagesOptions.parse(List.of("--rounds", "0")))
                .hasMessage("--rounds needs a whole number of at least 1, not '0'");
        PagesOptions quick = PagesOptions.parse(List.of("--quick", "--home", "/home/x"));
        assertThat(quick.results()).isEqualTo(Path.of("/home/x/benchmarks/target/pages.jsonl"));
        assertThat(quick.threads()).containsExactly(2);
        assertThat(Pattern.HAND_OVER.canRunWith(1)).isFalse();
    }
}
