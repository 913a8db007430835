package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// With a clock that only goes on when somebody sleeps or the test says so.
class RatePacerTest {
    private static final long SECOND = 1_000_000_000L;

    private long now = Long.MAX_VALUE - 100;
    private long slept;

    private RatePacer pacer(long bytesPerSecond) {
        return new RatePacer(
                bytesPerSecond,
                () -> now,
                nanos -> {
                    slept += nanos;
                    now += nanos;
                });
    }

    @Test
    void spend_steadily_takesAsLongAsTheRateSays() {
        RatePacer pacer = pacer(1_000_000);
        for (int i = 0; i < 100; i++) {
            pacer.spend(100_000);
        }
        // Ten megabytes in ten seconds, but for the quarter that was saved at the start.
        assertThat(slept).isBetween(SECOND * 97 / 10, SECOND * 98 / 10);
    }

    @Test
    void spend_afterIdleness_hasSavedAQuarterOfASecondAndNoMore() {
        RatePacer pacer = pacer(1_000_000);
        pacer.spend(250_000);
        assertThat(slept).isZero();
        now += 100 * SECOND;
        pacer.spend(250_000);
        assertThat(slept).isZero();
        pacer.spend(500_000);
        assertThat(slept).isEqualTo(SECOND / 2);
    }

    @Test
    void bytesPerSecond_changed_countsFromThenOn() {
        RatePacer pacer = pacer(1_000_000);
        pacer.spend(250_000);
        pacer.bytesPerSecond(2_000_000);
        pacer.spend(1_000_000);
        assertThat(slept).isEqualTo(SECOND / 2);
        assertThatThrownBy(() -> pacer.bytesPerSecond(0))
                .hasMessage("a rate of 0 bytes a second is none");
    }
}
