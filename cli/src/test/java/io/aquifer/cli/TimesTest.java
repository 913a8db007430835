package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;

class TimesTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "10s, 10000",
        "1m, 60000",
        "1 min, 60000",
        "1h, 3600000",
        "1.5S, 1500",
        "0.25m, 15000",
        "1.0009s, 1000",
        "1ms, 1",
        "365000h, -1",
        "8760h, 31536000000",
        "8760.1h, -1",
        "999999999999999999h, -1",
    })
    void parse_aTimeWithItsUnit_isWholeMilliseconds(String text, long millis) {
        if (millis < 0) {
            refused(text, "'" + text + "' is more than 365 days. Write a shorter time.");
        } else {
            assertThat(Times.parse("--t", text)).isEqualTo(Duration.ofMillis(millis));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "10 | '10' has no unit. Write 10ms, 10s, 10m or 10h.",
                "1.5 | '1.5' has no unit. Write 1.5ms, 1.5s, 1.5m or 1.5h.",
                "0s | '0s' is less than 1 ms. Write a longer time, such as 10s.",
                "0.5ms | '0.5ms' is less than 1 ms. Write a longer time, such as 10s.",
                "-1s | cannot read '-1s' as a time. Write 500ms, 10s, 1m or 1h.",
                "s | cannot read 's' as a time. Write 500ms, 10s, 1m or 1h.",
                "`` | cannot read '' as a time. Write 500ms, 10s, 1m or 1h.",
                "10sec | cannot read '10sec' as a time. Write 500ms, 10s, 1m or 1h.",
                "1e3s | cannot read '1e3s' as a time. Write 500ms, 10s, 1m or 1h.",
                "1m30s | cannot read '1m30s' as a time. Write 500ms, 10s, 1m or 1h.",
                "1234567890123456789s | cannot read '1234567890123456789s' as a time. Write 500ms,"
                        + " 10s, 1m or 1h.",
            })
    void parse_whatIsNoTime_saysWhatToWrite(String text, String message) {
        refused(text, message);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms, 0 ms, 0 s",
        "99, 99 ms, 99 ms, 0 s",
        "204, 204 ms, 0.2 s, 0 s",
        "500, 500 ms, 0.5 s, 0 s",
        "1500, 1.5 s, 1.5 s, 1 s",
        "10000, 10 s, 10.0 s, 10 s",
        "60000, 1 min, 1 min, 1 min",
        "90000, 1 min 30 s, 1 min, 1 min",
        "61050, 1 min 1.05 s, 1 min, 1 min",
        "3600000, 1 h, 1 h, 1 h",
        "7800000, 2 h 10 min, 2 h 10 min, 2 h 10 min",
        "86400000, 24 h, 1 d, 1 d",
        "273600000, 76 h, 3 d 4 h, 3 d 4 h",
        "-900, -900 ms, -900 ms, 0 s",
    })
    void texts_ofAnyTime_haveTheUnitsTheyNeed(
            long millis, String exact, String took, String rough) {
        Duration time = Duration.ofMillis(millis);
        assertThat(Times.exact(time)).isEqualTo(exact);
        assertThat(Times.took(time)).isEqualTo(took);
        assertThat(Times.rough(time)).isEqualTo(rough);
    }

    private static void refused(String text, String message) {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> Times.parse("--checkpoint-interval", text))
                .withMessage("--checkpoint-interval: " + message)
                .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE));
    }
}
