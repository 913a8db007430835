package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HoldsTest {
    @Test
    void drop_lastHold_isTheLastOneOnce() {
        Holds holds = new Holds("run 'r'");
        holds.add();
        assertThat(holds.drop()).isFalse();
        assertThat(holds.isHeld()).isTrue();
        assertThat(holds.drop()).isTrue();
        assertThat(holds.isHeld()).isFalse();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(holds::drop)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "run 'r' was released after its last release: each holder releases"
                                    + " once, and holds again only while another one does");
            assertThatThrownBy(holds::add)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("run 'r' was held again after its last release");
        }
    }
}
